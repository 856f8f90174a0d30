import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { newestInstalled } from '../../server/embedded/postgres-binaries.ts';
import { quantile } from '../figures/statistics.ts';
import type { Connection } from '../targets/postern-process.ts';
import type { Workload } from './workloads.ts';

/** A sample of the transactions is logged, for quantiles: enough of them, and too few to be felt. */
const SAMPLING = 0.05;
/** Of slow ones all are. */
const SLOW = new Set(['-C', '-f']);
const LOG = 'log';
/** s. Whoever takes longer hangs. */
const LONGEST = 60;

export interface Latency {
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Rate {
  /** Transactions a second, without the time of the first connections. */
  readonly tps: number;
  /** Transactions. */
  readonly operations: number;
  /** ms */
  readonly latency: Latency;
}

export class Pgbench {
  readonly #bin: string;

  constructor(bin: string) {
    this.#bin = bin;
  }

  async initialise(to: Connection, scale: number): Promise<void> {
    await this.#run(to, ['-i', '-q', '-s', String(scale)]);
  }

  /** @throws Error with pgbench's own message when a client fails */
  async run(to: Connection, workload: Workload, seconds: number): Promise<Rate> {
    const directory = mkdtempSync(join(tmpdir(), 'postern-bench-'));
    try {
      const output = await this.#load(to, workload, seconds, directory);
      const failed = number(output, /number of failed transactions: (\d+)/);
      if (failed > 0) throw new Error(`${failed} transactions failed:\n${output}`);
      const operations = number(output, /number of transactions actually processed: (\d+)/);
      // Its time begins before its clients are connected.
      if (operations === 0 && seconds < LONGEST) return await this.run(to, workload, 2 * seconds);
      return {
        tps: number(output, /tps = ([\d.]+) \((?:without initial |including re)connection times?\)/),
        operations,
        latency: { mean: number(output, /latency average = ([\d.]+) ms/), ...quantiles(directory) },
      };
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  async #load(to: Connection, workload: Workload, seconds: number, directory: string): Promise<string> {
    const threads = Math.min(workload.clients, availableParallelism());
    const load = ['-n', '-c', String(workload.clients), '-j', String(threads), '-T', String(seconds)];
    const args = [...workload.args, ...scriptArguments(directory, workload)];
    const sampling = args.some((arg) => SLOW.has(arg)) ? [] : [`--sampling-rate=${SAMPLING}`];
    const log = ['-l', `--log-prefix=${join(directory, LOG)}`, ...sampling];
    return await this.#run(to, [...load, ...log, ...args]);
  }

  async #run(to: Connection, args: readonly string[]): Promise<string> {
    const env = {
      PATH: process.env.PATH,
      PGHOST: to.host,
      PGPORT: String(to.port),
      PGUSER: to.user,
      PGPASSWORD: to.password,
      PGSSLMODE: 'disable',
      PGGSSENCMODE: 'disable',
    };
    const { stdout } = await promisify(execFile)(this.#bin, [...args, to.database], {
      env,
      timeout: 2_000 * LONGEST,
    });
    return stdout;
  }
}

/** A database of pgbench's own tables on `server`. */
export async function initialised(
  server: OwnPostgres,
  scale: number,
): Promise<{ readonly pgbench: Pgbench; readonly connection: Connection; readonly version: string }> {
  const { host, port, user, password } = server;
  const connection = { host, port, user, password, database: 'bench' };
  await server.query(`CREATE DATABASE ${connection.database}`);
  const pgbench = new Pgbench(join('/usr/lib/postgresql', `${newestInstalled()}`, 'bin/pgbench'));
  await pgbench.initialise(connection, scale);
  const [found] = await server.query<{ version: string }>(
    "SELECT current_setting('server_version') AS version",
  );
  return { pgbench, connection, version: found?.version ?? '' };
}

function number(output: string, pattern: RegExp): number {
  const text = pattern.exec(output)?.[1];
  if (text === undefined) throw new Error(`pgbench printed no ${pattern.source}:\n${output}`);
  return Number(text);
}

function scriptArguments(directory: string, { script }: Workload): readonly string[] {
  if (script === undefined) return [];
  const file = join(directory, 'script.sql');
  writeFileSync(file, script);
  return ['-f', file];
}

/** pgbench's log: client, transaction, microseconds, script, seconds, microseconds. */
function quantiles(directory: string): Omit<Latency, 'mean'> {
  const times = readdirSync(directory)
    .filter((name) => name.startsWith(LOG))
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').trimEnd().split('\n'))
    .map((line) => Number(line.split(' ')[2]) / 1000);
  return { p50: quantile(times, 0.5), p95: quantile(times, 0.95), p99: quantile(times, 0.99) };
}
