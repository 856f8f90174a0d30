import { readFileSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import pg from 'pg';
import type { OwnPostgres } from '../../../server/embedded/postgres.ts';
import type { OwnRedis } from '../../../server/embedded/redis.ts';
import { type Postern, startPostern, type TestGrant } from '../../helpers/postern.ts';
import { startPostgres } from '../../helpers/postgres.ts';
import { startRedis } from '../../helpers/redis.ts';

/** Nodes that share a PostgreSQL and a Redis; each test has a database name of its own, and so habits of its own. */
export interface Servers {
  postgres: OwnPostgres;
  redis: OwnRedis;
}

/** A busy machine is no reason for a statement to go unscored. */
export const PATIENT = '60s';

export async function startServers(): Promise<Servers> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const client = new pg.Client(postgres.url());
  await client.connect();
  await client.query(readFileSync(new URL('./shop.sql', import.meta.url), 'utf8'));
  await client.end();
  return { postgres, redis };
}

export async function stopServers({ postgres, redis }: Partial<Servers>): Promise<void> {
  await Promise.all([postgres?.stop(), redis?.stop()]);
}

export interface NodeOptions {
  readonly signingKey?: string;
  readonly redis?: OwnRedis;
  /** Where faults are made on purpose: `silent`. */
  readonly logLevel?: 'silent' | 'error';
  /** How long statements wait for a reviewer; default: hardly. */
  readonly wait?: string;
  /** The policy's file. */
  readonly policy?: string;
}

export async function nodeWith(
  t: ExecutionContext<Servers>,
  database: string,
  risk: Readonly<Record<string, unknown>>,
  { logLevel = 'error', wait = '20ms', policy, ...options }: NodeOptions = {},
): Promise<Postern> {
  const { postgres, redis } = t.context;
  const node = await startPostern({
    postgres,
    redis,
    databases: { [database]: postgres.url() },
    config: {
      databases: { [database]: { url: postgres.url(), hold: { wait, transactionWait: wait } } },
      logLevel,
      metrics: { listen: '127.0.0.1:0' },
      limits: { startupTimeout: PATIENT },
      risk: { timeout: PATIENT, ...risk },
      ...(policy !== undefined && { policy }),
    },
    ...options,
  });
  t.teardown(() => node.stop());
  return node;
}

export async function connect(
  t: ExecutionContext,
  node: Postern,
  { user, password, database }: TestGrant,
  application = 'psql',
): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: node.port,
    user,
    password,
    database,
    application_name: application,
  });
  client.on('error', () => {});
  await client.connect();
  t.teardown(() => client.end());
  return client;
}

export async function metric(node: Postern, line: string): Promise<number> {
  const all = await (await fetch(`http://127.0.0.1:${node.metricsPort}/metrics`)).text();
  return Number(
    all
      .split('\n')
      .find((each) => each.startsWith(`${line} `))
      ?.slice(line.length + 1) ?? 0,
  );
}

export const runs = (node: Postern): Promise<number> => metric(node, 'postern_risk_seconds_count');

export async function readiness(
  node: Postern,
): Promise<{ code: number; status: string; checks: Record<string, boolean> }> {
  const response = await fetch(`http://127.0.0.1:${node.metricsPort}/readyz`);
  return {
    code: response.status,
    ...((await response.json()) as { status: string; checks: Record<string, boolean> }),
  };
}

export const READ = { allow: ['select:public.*'] };
export const CUSTOMER = 'select name, email from customers where id = $1';
