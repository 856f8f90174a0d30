import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../server/embedded/free-port.ts';
import { OwnProcess } from '../../server/embedded/own-process.ts';
import { OwnRedis } from '../../server/embedded/redis.ts';

const SERVE = join(import.meta.dirname, 'serve.ts');
const MAIN = join(import.meta.dirname, '../../cli/main.ts');
const START_TIMEOUT_MS = 20_000;
const CONTROLLED = [
  ...['--allow', 'select,insert,update,delete:public.*'],
  ...['--rows-per-statement', '1000000', '--rows', '1000000000000', '--connections', '100'],
];

export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface PosternProcess {
  readonly pid: number;
  readonly connection: Connection;
  /** The spool's directory. */
  readonly spool: string;
  /** Path of its configuration file. */
  readonly config: string;
  stop(): Promise<void>;
}

export interface PosternOptions {
  readonly workers?: number | 'auto';
  readonly fsync?: 'never' | 'commit';
  /** Directory of the spool; default: one beside the configuration. */
  readonly spool?: string;
  /** What the grant allows, and how much of it, as `postern grant create` takes it; default: every control is on. */
  readonly grant?: readonly string[];
  /** For node itself, such as --cpu-prof. */
  readonly nodeArgs?: readonly string[];
  /** Further keys of the configuration file. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** A node in front of `upstream`, with a Redis of its own. @throws Error with its log when it does not start */
export async function startPostern(
  upstream: Connection,
  options: PosternOptions = {},
): Promise<PosternProcess> {
  const directory = mkdtempSync(join(tmpdir(), 'postern-serve-'));
  const redis = await OwnRedis.start();
  const port = await freePort();
  const config = join(directory, 'postern.yaml');
  const spool = options.spool ?? join(directory, 'audit');
  writeFileSync(config, configuration(upstream, port, redis.url, spool, options));
  const serve = await OwnProcess.start({
    command: process.execPath,
    args: [...(options.nodeArgs ?? []), SERVE, config],
    directory,
    user: null,
    stopSignal: 'SIGTERM',
    reapSignal: 'KILL',
  });
  const stop = async () => {
    await serve.stop();
    await redis.stop();
  };
  try {
    await listening(port, serve);
    const connection = await createGrant(config, upstream.database, options.grant ?? CONTROLLED);
    return { pid: serve.pid, connection, spool, config, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** JSON is YAML. */
function configuration(
  { host, port: upstreamPort, user, password, database }: Connection,
  port: number,
  redis: string,
  spool: string,
  { workers = 'auto', fsync = 'never', config = {} }: PosternOptions,
): string {
  return JSON.stringify({
    node: 'bench',
    listen: `127.0.0.1:${port}`,
    redis,
    signingKey: 'a key for one run on loopback and no longer than that',
    databases: {
      [database]: { url: `postgresql://${user}:${password}@${host}:${upstreamPort}/${database}` },
    },
    audit: { spool, fsync },
    metrics: null,
    workers,
    logLevel: 'warn',
    ...config,
  });
}

async function createGrant(config: string, database: string, terms: readonly string[]): Promise<Connection> {
  const whose = ['--config', config, '--to', 'bench', '--db', database, '--ttl', '8h', '--json'];
  const args = [MAIN, 'grant', 'create', ...whose, ...terms];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { url } = JSON.parse(stdout) as { readonly url: string };
  const { hostname, port, username, password } = new URL(url);
  return { host: hostname, port: Number(port), user: username, password, database };
}

async function listening(port: number, serve: OwnProcess): Promise<void> {
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline; await sleep(50)) {
    if (!serve.running) break;
    if (await answers(port)) return;
  }
  throw new Error(`postern serve did not start:\n${serve.log()}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
