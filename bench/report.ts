import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release } from 'node:os';
import type { Row } from './rates/summary.ts';
import type { Workload } from './rates/workloads.ts';

/** What the figures hold for. */
export interface Setting {
  readonly at: string;
  readonly machine: string;
  readonly load: string;
  readonly postgres: string;
  readonly node: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly scale: number;
}

export function machineSetting(): Pick<Setting, 'at' | 'machine' | 'load' | 'node'> {
  const memory = /^MemTotal:\s+(\d+) kB/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  const gib = Math.round(Number(memory) / 1024 / 1024);
  return {
    at: new Date().toISOString(),
    machine: `${availableParallelism()} x ${cpus()[0]?.model.trim()}, ${gib} GiB, Linux ${release()}`,
    load: loadavg()
      .map((value) => value.toFixed(2))
      .join(' '),
    node: process.version,
  };
}

export function markdown(setting: Setting, workloads: readonly Workload[], rows: readonly Row[]): string {
  const tables = workloads.map(
    ({ name, title }) => `## ${title}\n\n${table(rows.filter((row) => row.workload === name))}`,
  );
  return `${[intro(setting), '![rates](rates.svg)', ...tables].join('\n\n')}\n`;
}

function intro(setting: Setting): string {
  return `# Benchmark

\`npm run bench\`, ${setting.at}. PostgreSQL ${setting.postgres}, Node.js ${setting.node}, on ${setting.machine};
load average at the start ${setting.load}. Everything runs on this machine over loopback, the server with \`fsync\` off.
pgbench at scale ${setting.scale}, ${setting.rounds} rounds of ${setting.seconds} s; each round takes all targets in turn.
Figures are medians over the rounds; ± is the largest distance from the median; ratios are taken within a round.
PgBouncer pools sessions, Pgpool-II balances and caches nothing, Postern parses, decides, records and counts everything.
CPU is the proxy's user and system time a transaction; memory is shared pages counted once.`;
}

function table(rows: readonly Row[]): string {
  const head =
    '| | tps | ± | of direct | of PgBouncer | p50 ms | p99 ms | CPU µs | MiB |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|';
  return [head, ...rows.map(line)].join('\n');
}

function line(row: Row): string {
  const proxy =
    row.target === 'direct' ? ['', ''] : [row.cpuPerTransaction.toFixed(0), row.memoryMiB.toFixed(0)];
  const cells = [
    row.target,
    Math.round(row.tps).toLocaleString('en'),
    `${(row.spread * 100).toFixed(0)} %`,
    ratio(row.toDirect),
    ratio(row.toPgbouncer),
    row.p50.toFixed(3),
    row.p99.toFixed(3),
    ...proxy,
  ];
  return `| ${cells.join(' | ')} |`;
}

const ratio = (value: number): string => (Number.isNaN(value) ? '' : value.toFixed(2));
