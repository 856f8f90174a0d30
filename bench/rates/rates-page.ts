import type { Page } from '../part.ts';
import type { Plan } from '../plan.ts';
import { type Bar, bars } from '../plots/bars.ts';
import { fixed, table } from '../table.ts';
import { rateMarks } from './marks.ts';
import { effort, type Sample } from './measure.ts';
import { type Row, summarise } from './summary.ts';
import type { Workload } from './workloads.ts';

export interface RatesData {
  readonly postgres: string;
  readonly plan: Plan;
  readonly workloads: readonly Workload[];
  readonly targets: readonly string[];
  readonly samples: readonly Sample[];
}

export function ratesPage(data: RatesData): Page {
  const { plan, workloads, targets, samples } = data;
  const rows = summarise(samples, targets);
  const sections = workloads.flatMap((workload) => {
    const own = rows.filter((row) => row.workload === workload.name);
    return own.length === 0
      ? []
      : [`## ${workload.title}\n\n${rounds(workload, plan)}\n\n${ratesTable(own)}`];
  });
  const markdown = [intro(data), PLOTS, ...sections].join('\n\n');
  return { markdown, plots: plots(workloads, rows), data: { ...data, rows }, marks: rateMarks(rows) };
}

const PLOTS = `![rates](rates.svg)

![added latency](added.svg)

![CPU](cpu.svg)`;

function intro({ postgres, plan }: RatesData): string {
  return `PostgreSQL ${postgres} with \`fsync\` off; pgbench at scale ${plan.scale}, with SCRAM-SHA-256 everywhere. Figures are medians over
the rounds, with the lowest and highest rate; ratios and what is added to a direct connection's percentiles are taken
within a round. CPU is the proxy's user and system time a transaction; MiB is its memory after the run, shared pages counted once.`;
}

function rounds(workload: Workload, plan: Plan): string {
  const { rounds, seconds } = effort(workload, plan);
  return `${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${seconds} s.`;
}

const HEAD = [
  ...['', 'tps', 'lowest-highest', 'of direct', 'of PgBouncer', 'p50 ms', 'p95', 'p99'],
  ...['added p50 ms', 'p95', 'p99', 'user µs', 'system µs', 'MiB'],
];

function ratesTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { p50, p95, p99 } = row.latency;
    const proxy =
      row.target === 'direct'
        ? ['', '', '', '', '', '']
        : [
            ...[row.added.p50, row.added.p95, row.added.p99].map((ms) => fixed(ms, 3)),
            ...[row.user, row.system, row.memoryMiB].map((each) => fixed(each)),
          ];
    return [
      ...[row.target, fixed(row.tps), `${fixed(row.lowest)}-${fixed(row.highest)}`],
      ...[fixed(row.toDirect, 2), fixed(row.toPgbouncer, 2)],
      ...[p50, p95, p99].map((ms) => fixed(ms, 3)),
      ...proxy,
    ];
  });
  return table(HEAD, lines);
}

/** Of the workloads that have a mark; without one among them, of all. */
function plots(workloads: readonly Workload[], rows: readonly Row[]): Page['plots'] {
  const measured = workloads.filter(({ name }) => rows.some((row) => row.workload === name));
  const marked = measured.filter((workload) => workload.marked);
  const shown = marked.length > 0 ? marked : measured;
  const plot = (title: string, label: string, bar: (row: Row) => Omit<Bar, 'series'> | null) =>
    bars({
      title,
      label,
      groups: shown.map(({ name, title: group }) => ({
        title: group,
        bars: rows
          .filter((row) => row.workload === name)
          .flatMap((row) => {
            const drawn = bar(row);
            return drawn === null ? [] : [{ series: row.target, ...drawn }];
          }),
      })),
    });
  return {
    'rates.svg': plot('Transactions a second, as a fraction of a direct connection', '', (row) =>
      Number.isNaN(row.toDirect)
        ? null
        : {
            value: row.toDirect,
            range: [row.lowest, row.highest].map((rate) => (rate / row.tps) * row.toDirect) as [
              number,
              number,
            ],
            text: `${fixed(row.toDirect, 2)}  (${fixed(row.tps)})`,
          },
    ),
    'added.svg': plot('What a proxy adds to the median of a direct connection', 'ms', (row) =>
      row.target === 'direct' || Number.isNaN(row.added.p50)
        ? null
        : { value: Math.max(row.added.p50, 0), text: `${fixed(row.added.p50, 3)} ms` },
    ),
    'cpu.svg': plot('CPU time of the proxy for one transaction', 'µs', (row) =>
      row.target === 'direct'
        ? null
        : {
            value: row.user + row.system,
            text: `${fixed(row.user)} user + ${fixed(row.system)} system`,
          },
    ),
  };
}
