import { median } from '../figures/statistics.ts';
import { type Mark, mark, type Page } from '../part.ts';
import type { Plan } from '../plan.ts';
import { bars } from '../plots/bars.ts';
import { fixed, table } from '../table.ts';

export type BulkWork = 'select' | 'copy out' | 'copy in';

export interface BulkSample {
  readonly work: BulkWork;
  readonly target: string;
  /** From 1. */
  readonly round: number;
  /** MB (10^6 bytes) of the protocol a second. */
  readonly rate: number;
  /** The proxy's, in seconds for 10^9 bytes. */
  readonly user: number;
  readonly system: number;
  /** MiB at the most, over what the proxy had before. */
  readonly memoryOverIdle: number;
}

interface BulkRow extends Omit<BulkSample, 'round'> {
  readonly lowest: number;
  readonly highest: number;
  readonly toDirect: number;
}

/** Least rate, of direct, and most memory, MiB. */
const [RATE, MEMORY] = [0.95, 64];

export function bulkPage(plan: Plan, samples: readonly BulkSample[]): Page {
  const rows = summarise(samples);
  const works = [...new Set(rows.map(({ work }) => work))];
  const sections = works.map((work) => {
    const own = rows.filter((row) => row.work === work);
    return `## ${title(work, plan)}\n\n${bulkTable(own)}`;
  });
  const plot = bars({
    title: 'Much data through one session',
    label: 'MB/s',
    groups: works.map((work) => ({
      title: title(work, plan),
      bars: rows
        .filter((row) => row.work === work)
        .map(({ target, rate, lowest, highest, toDirect }) => ({
          ...{ series: target, value: rate, range: [lowest, highest] as const },
          text: `${fixed(rate)}  (${fixed(toDirect, 2)})`,
        })),
    })),
  });
  return {
    markdown: `${intro(plan)}\n\n![rates](bulk.svg)\n\n${sections.join('\n\n')}`,
    plots: { 'bulk.svg': plot },
    data: { plan, rows, samples },
    marks: works.flatMap((work) =>
      marksOf(
        title(work, plan),
        rows.filter((row) => row.work === work),
      ),
    ),
  };
}

function summarise(samples: readonly BulkSample[]): readonly BulkRow[] {
  const groups = Map.groupBy(samples, ({ work, target }) => `${work} ${target}`);
  return [...groups.values()].map((group) => {
    const { work, target } = group[0] as BulkSample;
    const rates = group.map(({ rate }) => rate);
    const ratios = group.flatMap(({ round, rate }) =>
      samples
        .filter((each) => each.work === work && each.target === 'direct' && each.round === round)
        .map((direct) => rate / direct.rate),
    );
    return {
      ...{ work, target, rate: median(rates), lowest: Math.min(...rates), highest: Math.max(...rates) },
      toDirect: median(ratios),
      user: median(group.map(({ user }) => user)),
      system: median(group.map(({ system }) => system)),
      memoryOverIdle: Math.max(...group.map(({ memoryOverIdle }) => memoryOverIdle)),
    };
  });
}

function marksOf(subject: string, rows: readonly BulkRow[]): readonly Mark[] {
  const own = rows.find(({ target }) => target === 'postern');
  if (own === undefined) return [];
  return [
    mark(subject, 'at least', RATE, own.toDirect, 'x direct'),
    mark(`memory over idle, ${subject}`, 'at most', MEMORY, own.memoryOverIdle, 'MiB'),
  ];
}

function intro({ rounds }: Plan): string {
  return `Rows of about a hundred bytes. Medians of ${rounds} rounds, each of which takes all targets in turn; ratios are taken within a
round. Whoever reads counts bytes and no more. CPU is the proxy's; memory is at the most over what the proxy had before,
shared pages counted once. The grant has limits of rows and bytes.`;
}

function title(work: BulkWork, { rows, megabytes }: Plan): string {
  if (work === 'select') return `SELECT of ${fixed(rows)} rows`;
  return `COPY ${work === 'copy out' ? 'TO STDOUT' : 'FROM STDIN'} of ${fixed(megabytes)} MB`;
}

function bulkTable(rows: readonly BulkRow[]): string {
  const head = ['', 'MB/s', 'lowest-highest', 'of direct', 'user s/GB', 'system s/GB', 'MiB over idle'];
  const lines = rows.map((row) => [
    ...[row.target, fixed(row.rate), `${fixed(row.lowest)}-${fixed(row.highest)}`, fixed(row.toDirect, 2)],
    ...(row.target === 'direct'
      ? ['', '', '']
      : [fixed(row.user, 2), fixed(row.system, 2), fixed(row.memoryOverIdle)]),
  ]);
  return table(head, lines);
}
