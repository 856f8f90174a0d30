import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { makeCertificates } from '../helpers/certificates.ts';
import { startPostgres } from '../helpers/postgres.ts';
import type { Stage } from './runner.ts';
import type { Trace } from './trace-file.ts';

export const TRACE_DATABASE = 'traces';
export const ROLES = { owner: 'trace_owner', limited: 'trace_limited' } as const;
export const ROLE_PASSWORD = 'trace-password';

const sqlFile = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

/** A PostgreSQL with TLS and the schema of the traces; `version` as for startPostgres. */
export async function startTracePostgres(version?: number): Promise<OwnPostgres> {
  const postgres = await startPostgres({
    ...(version === undefined ? {} : { version }),
    tls: makeCertificates(),
    settings: { max_prepared_transactions: '5' },
  });
  for (const role of Object.values(ROLES)) {
    await postgres.query(`create role ${role} login password '${ROLE_PASSWORD}'`);
    await postgres.query(`alter role ${role} set search_path = trace`);
  }
  await postgres.query(`create database ${TRACE_DATABASE}`);
  await postgres.query(sqlFile('schema.sql'), TRACE_DATABASE);
  return postgres;
}

const RESET = sqlFile('reset.sql');
const sessions = new WeakMap<OwnPostgres, Promise<pg.Client>>();

/** The same rows before every trace. In one session of each server: a new one takes longer than most traces. */
export async function resetRows(postgres: OwnPostgres): Promise<void> {
  const session = sessions.get(postgres) ?? connect(postgres);
  sessions.set(postgres, session);
  await (await session).query(RESET);
}

async function connect(postgres: OwnPostgres): Promise<pg.Client> {
  const { directory: host, port, user } = postgres;
  const client = new pg.Client({ host, port, user, database: TRACE_DATABASE });
  client.on('error', () => {}); // the server is stopped with it
  await client.connect();
  return client;
}

/** How many statements with `part` in their text run in the traces' database. */
export async function running(postgres: OwnPostgres, part: string): Promise<number> {
  const rows = await postgres.query<{ readonly query: string }>(
    `select query from pg_stat_activity
     where datname = '${TRACE_DATABASE}' and state = 'active' and pid <> pg_backend_pid()`,
  );
  return rows.filter((row) => row.query.includes(part)).length;
}

/** Straight to PostgreSQL, as the role the trace asks for. */
export function directStage(postgres: OwnPostgres, trace: Trace): Stage {
  return {
    side: 'direct',
    pace: 'whole',
    login: {
      port: postgres.port,
      user: ROLES[trace.header.role],
      password: ROLE_PASSWORD,
      database: TRACE_DATABASE,
    },
    running: (part) => running(postgres, part),
  };
}
