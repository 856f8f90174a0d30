import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { OwnProcess } from './own-process.ts';
import { type OwnUser, privateDirectory, unprivilegedUser, writeOwned } from './own-user.ts';
import type { PostgresVersion } from './postgres-binaries.ts';
import { copyCluster, makeCluster } from './postgres-cluster.ts';

export interface PostgresOptions {
  /** Default: the embedded PostgreSQL 18. */
  readonly version?: PostgresVersion;
  readonly port?: number;
  /** Lines of pg_hba.conf for TCP connections; default: scram-sha-256 from loopback. */
  readonly hba?: readonly string[];
  /** Lines of postgresql.conf, as name and value. */
  readonly settings?: Readonly<Record<string, string>>;
  /** PEM. With it `ssl` is on; `ca` is for client certificates. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  /**
   * A directory for what many servers begin with, each version's new cluster and programs: kept there by the first, and
   * copied by the others, which have its password. The user that the servers run as must be able to enter it.
   */
  readonly kept?: string | undefined;
}

const ATTEMPTS = 5;
const START_TIMEOUT_MS = 60_000;
const DEFAULT_HBA = [
  'host all,replication all 127.0.0.1/32 scram-sha-256',
  'host all,replication all ::1/128 scram-sha-256',
];
/** Everything is thrown away with the process, so nothing need reach the disk. */
const DEFAULT_SETTINGS = {
  listen_addresses: '127.0.0.1',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '64MB',
  max_wal_size: '256MB',
};

/** A PostgreSQL server of our own on 127.0.0.1, superuser `postgres` with a random password. */
export class OwnPostgres {
  readonly host = '127.0.0.1';
  readonly user = 'postgres';
  readonly password: string;
  readonly port: number;
  readonly directory: string;
  readonly #process: OwnProcess;

  /** Throws with the server's own message when initdb or the server fails. */
  static async start(options: PostgresOptions = {}): Promise<OwnPostgres> {
    const user = unprivilegedUser();
    const directory = privateDirectory('postern-pg-', user);
    try {
      const { version = 'embedded', kept } = options;
      const { bin, password } = await (kept === undefined
        ? makeCluster(version, user, directory)
        : copyCluster(version, user, directory, kept));
      configure(directory, user, options);
      const { port, process } = await launchOnFreePort(bin, directory, user, options.port);
      return new OwnPostgres(port, password, directory, process);
    } catch (error) {
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }

  private constructor(port: number, password: string, directory: string, process: OwnProcess) {
    this.port = port;
    this.password = password;
    this.directory = directory;
    this.#process = process;
  }

  url(database = 'postgres'): string {
    return `postgresql://${this.user}:${this.password}@${this.host}:${this.port}/${database}`;
  }

  /**
   * Run SQL (also several statements; the last one's rows are returned) as the superuser, in a session of its own over
   * the private socket, whatever pg_hba.conf says of TCP.
   */
  async query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    sql: string,
    database = 'postgres',
  ): Promise<readonly Row[]> {
    const client = new pg.Client({ host: this.directory, port: this.port, user: this.user, database });
    await client.connect();
    try {
      const result = (await client.query<Row>(sql)) as pg.QueryResult<Row> | pg.QueryResult<Row>[];
      return Array.isArray(result) ? (result.at(-1)?.rows ?? []) : result.rows;
    } finally {
      await client.end();
    }
  }

  /** Postmaster's log so far. */
  log(): string {
    return this.#process.log();
  }

  /** Send the postmaster a signal: SIGHUP reloads, SIGSTOP freezes the acceptance of connections. */
  signal(signal: NodeJS.Signals): void {
    this.#process.signal(signal);
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

function configure(directory: string, user: OwnUser | null, options: PostgresOptions): void {
  const data = join(directory, 'data');
  const settings: Record<string, string> = { ...DEFAULT_SETTINGS, unix_socket_directories: directory };
  if (options.tls) {
    Object.assign(settings, { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' });
    writeOwned(join(data, 'server.crt'), options.tls.cert, user);
    writeOwned(join(data, 'server.key'), options.tls.key, user);
  }
  if (options.tls?.ca !== undefined) {
    settings.ssl_ca_file = 'ca.crt';
    writeOwned(join(data, 'ca.crt'), options.tls.ca, user);
  }
  Object.assign(settings, options.settings);
  const lines = Object.entries(settings).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`,
  );
  writeOwned(join(data, 'postgresql.auto.conf'), lines.join(''), user);
  // The socket is in a directory that only its owner and root can enter.
  const hba = ['local all postgres trust', ...(options.hba ?? DEFAULT_HBA)];
  writeOwned(join(data, 'pg_hba.conf'), `${hba.join('\n')}\n`, user);
}

async function launchOnFreePort(
  bin: string,
  directory: string,
  user: OwnUser | null,
  fixed: number | undefined,
) {
  for (let attempt = 1; ; attempt++) {
    const port = fixed ?? (await freePort());
    const process = await OwnProcess.start({
      command: join(bin, 'postgres'),
      args: ['-D', join(directory, 'data'), '-p', `${port}`],
      directory,
      user,
      stopSignal: 'SIGQUIT', // nothing of it is kept
      reapSignal: 'QUIT',
    });
    if (await ready(process, directory, port)) return { port, process };
    const log = process.log();
    const retry = fixed === undefined && attempt < ATTEMPTS && log.includes('Address already in use');
    await process.stop(retry);
    if (!retry) throw new Error(`PostgreSQL did not start:\n${log}`);
  }
}

async function ready(server: OwnProcess, directory: string, port: number): Promise<boolean> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (server.running && Date.now() < deadline) {
    const client = new pg.Client({ host: directory, port, user: 'postgres', database: 'postgres' });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      await sleep(30);
    }
  }
  return false;
}
