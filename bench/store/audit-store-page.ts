import type { machineSetting } from '../setting.ts';

/** ms. */
export interface QuestionRow {
  readonly page: string;
  readonly what: string;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface StoreFigures {
  readonly events: number;
  readonly days: number;
  readonly times: number;
  /** Seconds; null: the store was there already. */
  readonly shipping: number | null;
  readonly sizes: { readonly spool: number; readonly store: number; readonly terms: number };
}

/** What every page and search is to be within, ms. */
const GOALS = { p50: 300, p99: 1_000 };

export function auditStorePage(
  { at, machine, load, node }: ReturnType<typeof machineSetting>,
  { events, days, times, shipping, sizes }: StoreFigures,
  rows: readonly QuestionRow[],
): string {
  const over = rows.filter(({ p50, p99 }) => p50 >= GOALS.p50 || p99 >= GOALS.p99);
  const shipped =
    shipping === null
      ? ''
      : ` They were shipped in ${Math.round(shipping)} s (${round(events / shipping)} a second, by one process, beside PostgreSQL on the same cores).`;
  return `# The audit store at ${events.toLocaleString('en')} events

\`npm run bench:store\`, ${at}. Node.js ${node}, PostgreSQL 18 (shared_buffers 1 GB) on ${machine}; load average at the start ${load}.

${events.toLocaleString('en')} events of ${days} days: two nodes, sixty principals, five databases, 250 relations.${shipped} The spool has
${gb(sizes.spool)}, the store ${gb(sizes.store)}, of which ${gb(sizes.terms)} are the index that searches go by. Each question is asked ${times}
times, every time another of its kind, in turns with all others; times are those of \`StoreSource\`, for a page of 100 events with their lines read.

${table(rows)}

![the median of each, with a line to p99](answers.svg)

${over.length === 0 ? `All are under ${GOALS.p50} ms at the median and under ${GOALS.p99} ms at p99.` : `Over ${GOALS.p50} ms at the median or ${GOALS.p99} ms at p99: ${over.map(({ page, what }) => `${page}, ${what}`).join('; ')}.`}
`;
}

function table(rows: readonly QuestionRow[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const lines = rows.map(({ page, what, p50, p99, max }) => line([page, what, ...[p50, p99, max].map(ms)]));
  return [line(['page', 'question', 'p50 ms', 'p99 ms', 'max ms']), '|---|---|--:|--:|--:|', ...lines].join(
    '\n',
  );
}

const ms = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
const round = (value: number): string => (Math.round(value / 100) * 100).toLocaleString('en');
const gb = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
