/**
 * The real proxy for one test file, over a private Redis and PostgreSQL (or given ones): in this process, or as a child
 * process that can be killed. Grants are made as the command line makes them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { createIssuer, type Issuer } from '../../access/access.ts';
import type { SpooledEvent } from '../../audit/events.ts';
import { readSpool } from '../../audit/reader.ts';
import { addGrantOptions, type GrantOptions, termsOf } from '../../cli/grant-options.ts';
import { loadConfig } from '../../server/config.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { Reaper } from '../../server/embedded/reaper.ts';
import type { OwnRedis } from '../../server/embedded/redis.ts';
import { startServer } from '../../server/start.ts';
import { makeCertificates } from './certificates.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';

export interface PosternOptions {
  /** Given ones are not stopped with the proxy. */
  readonly postgres?: OwnPostgres;
  readonly redis?: OwnRedis;
  /** Upstream connection strings by database name; default: `postgres`, as its superuser. */
  readonly databases?: Readonly<Record<string, string>>;
  /** A child process, with one worker, instead of this one. */
  readonly child?: boolean;
  readonly tls?: boolean;
  /** Connection string of an audit store; default: none. */
  readonly store?: string;
  /** Default: one of its own. */
  readonly signingKey?: string;
  /** Further keys of the configuration file. */
  readonly config?: Readonly<Record<string, unknown>>;
}

export interface GrantWish {
  /** As `--allow` and `--deny`: `select,update:public.*`. */
  readonly allow: readonly string[];
  readonly deny?: readonly string[];
  /** rows, rowsPerStatement, bytes, connections, logins, statements. */
  readonly limits?: Readonly<Record<string, number>>;
  readonly from?: readonly string[];
  readonly outOfScope?: 'deny' | 'hold';
  /** Default: the first database of the proxy. */
  readonly database?: string;
  /** ms; default: ten minutes. */
  readonly ttl?: number;
}

export interface TestGrant {
  readonly id: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** A complete connection string. */
  readonly url: string;
}

const TTL = 600_000;
const READY_MS = 120_000;
const COMMAND = new URL('../../bin/postern', import.meta.url).pathname;

export class Postern {
  readonly postgres: OwnPostgres;
  readonly redis: OwnRedis;
  /** Directory of the audit spool. */
  readonly spool: string;
  readonly issuer: Issuer;
  readonly #setup: Setup;
  #server: Server;

  static async start(options: PosternOptions = {}): Promise<Postern> {
    const setup = await prepare(options);
    return new Postern(setup, await serve(setup));
  }

  private constructor(setup: Setup, server: Server) {
    this.#setup = setup;
    this.#server = server;
    this.postgres = setup.postgres;
    this.redis = setup.redis;
    this.spool = setup.spool;
    const { url } = setup.redis;
    const { signingKey } = setup;
    this.issuer = createIssuer({ redis: { kind: 'single', url }, signingKey, record: () => {} });
  }

  get port(): number {
    return this.#server.port;
  }

  /** Where the configuration has `metrics`, or `api`, listen: 127.0.0.1:0 is a port that is free. */
  get metricsPort(): number {
    return this.#server.metricsPort ?? Number.NaN;
  }

  get apiPort(): number {
    return this.#server.apiPort ?? Number.NaN;
  }

  /** Of the process that serves. */
  get pid(): number {
    return this.#server.child?.pid ?? process.pid;
  }

  async grant(wish: GrantWish): Promise<TestGrant> {
    const database = wish.database ?? this.#setup.database;
    const terms = termsOf(asOptions(wish, database));
    const { grant, token } = await this.issuer.store.create(terms, wish.ttl ?? TTL, 'test');
    const url = `postgresql://${grant.id}:${token}@127.0.0.1:${this.port}/${database}`;
    return { id: grant.id, user: grant.id, password: token, database, url };
  }

  /** What is in the audit trail by now. */
  async events(): Promise<readonly SpooledEvent[]> {
    const events: SpooledEvent[] = [];
    for await (const event of readSpool(this.spool)) events.push(event);
    return events;
  }

  /** The first event of that type and fields; waits for it for a minute. */
  async event<T extends SpooledEvent['type']>(
    type: T,
    fields: Readonly<Record<string, unknown>>,
  ): Promise<Extract<SpooledEvent, { type: T }>> {
    const wanted = Object.entries({ type, ...fields });
    for (let attempt = 0; attempt < 1_200; attempt++) {
      const events = (await this.events()) as readonly (SpooledEvent & Record<string, unknown>)[];
      const found = events.find((event) => wanted.every(([name, value]) => event[name] === value));
      if (found !== undefined) return found as Extract<SpooledEvent, { type: T }>;
      await sleep(50);
    }
    throw new Error(`no audit event ${JSON.stringify({ type, ...fields })}`);
  }

  /** SIGKILL to a child process; resolves when it is gone. */
  async kill(): Promise<void> {
    const { child } = this.#server;
    if (child === null) throw new Error('the proxy is not a child process');
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  /** SIGTERM, or its like, and wait for the end; spool, Redis and PostgreSQL stay until `stop`. */
  async close(): Promise<void> {
    await this.#server.close();
    this.#server = { ...this.#server, close: async () => {} };
  }

  /** Serve again after `kill`, on another port, over the same Redis, PostgreSQL and spool. */
  async restart(): Promise<void> {
    this.#server = await serve(this.#setup);
  }

  async stop(): Promise<void> {
    await this.#server.close();
    this.issuer.close();
    await this.#setup.stop();
  }
}

/** See PosternOptions. Everything of it is gone after `stop`. */
export function startPostern(options: PosternOptions = {}): Promise<Postern> {
  return Postern.start(options);
}

interface Setup {
  readonly postgres: OwnPostgres;
  readonly redis: OwnRedis;
  readonly database: string;
  readonly signingKey: string;
  readonly spool: string;
  readonly configFile: string;
  readonly child: boolean;
  stop(): Promise<void>;
}

interface Server {
  readonly port: number;
  readonly metricsPort: number | null;
  readonly apiPort: number | null;
  readonly child: ChildProcess | null;
  close(): Promise<void>;
}

async function prepare(options: PosternOptions): Promise<Setup> {
  const directory = mkdtempSync(join(tmpdir(), 'postern-test-'));
  const postgres = options.postgres ?? (await startPostgres());
  const redis = options.redis ?? (await startRedis());
  const databases = options.databases ?? { postgres: postgres.url() };
  const signingKey = options.signingKey ?? randomBytes(32).toString('hex');
  const spool = join(directory, 'audit');
  const configFile = join(directory, 'postern.yaml');
  const config = {
    node: 'test',
    listen: '127.0.0.1:0',
    redis: redis.url,
    signingKey,
    databases: Object.fromEntries(Object.entries(databases).map(([name, url]) => [name, { url }])),
    audit: { spool, ...(options.store !== undefined && { store: options.store }) },
    metrics: null,
    workers: 1,
    logLevel: 'error',
    drainTimeout: '1s',
    ...(options.tls && { tls: writeCertificates(directory) }),
    ...options.config,
  };
  writeFileSync(configFile, JSON.stringify(config)); // JSON is YAML
  return {
    postgres,
    redis,
    database: Object.keys(databases)[0]!,
    signingKey,
    spool,
    configFile,
    child: options.child ?? false,
    stop: async () => {
      if (options.redis === undefined) await redis.stop();
      if (options.postgres === undefined) await postgres.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function writeCertificates(directory: string): { readonly cert: string; readonly key: string } {
  const { cert, key } = makeCertificates();
  writeFileSync(join(directory, 'server.crt'), cert);
  writeFileSync(join(directory, 'server.key'), key, { mode: 0o600 });
  return { cert: 'server.crt', key: 'server.key' };
}

async function serve({ configFile, child }: Setup): Promise<Server> {
  if (child) return serveAsChild(configFile);
  const server = await startServer(loadConfig(configFile), { inProcess: true });
  const { port, metricsPort, apiPort } = server;
  return { port, metricsPort, apiPort, child: null, close: () => server.close() };
}

/** What `postern serve --json` prints. */
interface ReadyLine extends Pick<Server, 'metricsPort' | 'apiPort'> {
  readonly listening: { readonly port: number };
}

async function serveAsChild(configFile: string): Promise<Server> {
  const child = spawn(COMMAND, ['serve', '--json', '--config', configFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child, 'spawn');
  const reaper = new Reaper(dirname(configFile), { pid: child.pid!, signal: 'KILL' });
  child.once('exit', () => void reaper.release(true));
  const { listening, metricsPort, apiPort } = await readyLine(child.stdout);
  child.stdout.resume();
  return {
    port: listening.port,
    metricsPort,
    apiPort,
    child,
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Throws if it ends before. */
async function readyLine(output: Readable): Promise<ReadyLine> {
  for await (const line of createInterface({ input: output, signal: AbortSignal.timeout(READY_MS) }))
    return JSON.parse(line) as ReadyLine;
  throw new Error('the proxy did not start');
}

function asOptions(wish: GrantWish, database: string): GrantOptions {
  const { allow, deny = [], limits = {}, from = [], outOfScope = 'deny' } = wish;
  const numbers = Object.entries(limits).map(([name, value]) => {
    return [`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, `${value}`];
  });
  const args = [
    ...['--to', 'tester', '--db', database, '--out-of-scope', outOfScope],
    ...allow.flatMap((wish) => ['--allow', wish]),
    ...deny.flatMap((wish) => ['--deny', wish]),
    ...from.flatMap((network) => ['--from', network]),
    ...numbers.flat(),
  ];
  return addGrantOptions(new Command().exitOverride()).parse(args, { from: 'user' }).opts<GrantOptions>();
}
