import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Connection } from '../targets/postern-process.ts';
import { quantile } from '../statistics.ts';
import type { Workload } from './workloads.ts';

/** A sample of the transactions is logged, for quantiles: enough of them, and too few to be felt. */
const SAMPLING = 0.05;

export interface Latency {
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Rate {
  /** Transactions a second, without the time to connect. */
  readonly tps: number;
  readonly transactions: number;
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
      const threads = Math.min(workload.clients, availableParallelism());
      const load = ['-n', '-c', String(workload.clients), '-j', String(threads), '-T', String(seconds)];
      const log = ['-l', `--log-prefix=${join(directory, 'log')}`, `--sampling-rate=${SAMPLING}`];
      const output = await this.#run(to, [...load, ...log, ...workload.args]);
      const failed = number(output, /number of failed transactions: (\d+)/);
      if (failed > 0) throw new Error(`${failed} transactions failed:\n${output}`);
      return {
        tps: number(output, /tps = ([\d.]+) \(without initial connection time\)/),
        transactions: number(output, /number of transactions actually processed: (\d+)/),
        latency: { mean: number(output, /latency average = ([\d.]+) ms/), ...quantiles(directory) },
      };
    } finally {
      rmSync(directory, { recursive: true });
    }
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
    const { stdout } = await promisify(execFile)(this.#bin, [...args, to.database], { env });
    return stdout;
  }
}

function number(output: string, pattern: RegExp): number {
  const text = pattern.exec(output)?.[1];
  if (text === undefined) throw new Error(`pgbench printed no ${pattern.source}:\n${output}`);
  return Number(text);
}

/** pgbench's log: client, transaction, microseconds, script, seconds, microseconds. */
function quantiles(directory: string): Omit<Latency, 'mean'> {
  const times = readdirSync(directory)
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').trimEnd().split('\n'))
    .map((line) => Number(line.split(' ')[2]) / 1000);
  return { p50: quantile(times, 0.5), p95: quantile(times, 0.95), p99: quantile(times, 0.99) };
}
