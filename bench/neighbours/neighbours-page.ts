import { median } from '../figures/statistics.ts';
import { type Mark, mark, type Page } from '../part.ts';
import type { Plan } from '../plan.ts';
import { bars } from '../plots/bars.ts';
import { fixed, table } from '../table.ts';
import type { LoopDelay } from '../targets/loop-delay.ts';

/**
 * `refused`: statements of a megabyte that are, by Postern for their scope; `run`: ones that run; `read`: one client that
 * reads much; `reads`: some of them.
 */
export type Neighbour = 'nobody' | 'refused' | 'run' | 'read' | 'reads';

/** Latencies in ms of the client of short statements, in one round. */
export interface LatencyRow {
  readonly target: string;
  readonly beside: Neighbour;
  readonly round: number;
  /** So many of the neighbours'. */
  readonly statements: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Of Postern. */
  readonly loop: LoopDelay | null;
}

export const LONG_BYTES = 1_000_000;
const MOST = 2;
/** Those that there is a mark for. */
const SAID: Readonly<Partial<Record<Neighbour, string>>> = {
  refused: 'statements of 1 MB, refused',
  run: 'statements of 1 MB, run',
  read: 'bulk reads of a neighbour',
};

/** Medians over the rounds. */
interface Summary extends Omit<LatencyRow, 'round'> {
  /** p99 over that of the same target alone, taken within a round; 1: this is it. */
  readonly times: number;
}

export function neighboursPage(plan: Plan, readers: number, measured: readonly LatencyRow[]): Page {
  const rows = summaries(measured);
  return {
    markdown: `One client sends short prepared statements for ${plan.beside} s, alone and beside others: ${plan.longClients} clients that send
statements of ${fixed(LONG_BYTES)} bytes as fast as they are answered, out of scope (*refused*) or to be *run*; and one
(*read*), or ${readers} (*reads*), that read ${fixed(plan.rows)} rows again and again. All of it is on this machine: PostgreSQL, and whoever sends and reads, compete for the
cores too, which the rows of *direct* show (there *refused* ones fail in PostgreSQL, for want of the table). Postern has one
worker process, so that nobody can get out of the way.

![p99](neighbours.svg)

${rowsTable(rows)}

Medians over the rounds, in each of which all of them are taken in turn. *Times* is the p99 over that of the row with nobody
beside, within a round. *Loop* is how late a timer of 1 ms in Postern was, that included,
and *waited* how long its main thread could have run while others had the cores.`,
    plots: {
      'neighbours.svg': bars({
        title: 'p99 of short statements, by who is beside',
        label: 'ms',
        groups: ['direct', 'postern'].map((target) => ({
          title: target,
          bars: rows
            .filter((row) => row.target === target)
            .map(({ beside, p99 }) => ({ series: beside, value: p99, text: `${fixed(p99, 2)} ms` })),
        })),
      }),
    },
    data: { plan, rows: measured },
    marks: marksOf(rows),
  };
}

function summaries(rows: readonly LatencyRow[]): readonly Summary[] {
  const byTarget = rows.toSorted((one, other) => one.target.localeCompare(other.target)); // stable
  const groups = Map.groupBy(byTarget, ({ target, beside }) => `${target} ${beside}`);
  return [...groups.values()].map((group) => {
    const { target, beside } = group[0] as LatencyRow;
    const middle = (of: (row: LatencyRow) => number) => median(group.map(of));
    const loops = group.flatMap(({ loop }) => loop ?? []);
    return {
      ...{ target, beside, statements: middle((row) => row.statements) },
      ...{ p50: middle((row) => row.p50), p99: middle((row) => row.p99), max: middle((row) => row.max) },
      times: middle((row) => row.p99 / aloneWith(row, rows)),
      loop: loops.length === 0 ? null : middleOf(loops),
    };
  });
}

const middleOf = (loops: readonly LoopDelay[]): LoopDelay => ({
  p99: median(loops.map(({ p99 }) => p99)),
  max: median(loops.map(({ max }) => max)),
  waited: median(loops.map(({ waited }) => waited)),
});

/** p99 of the same target in the same round with nobody beside. */
function aloneWith({ target, round }: LatencyRow, rows: readonly LatencyRow[]): number {
  const alone = rows.find((row) => row.target === target && row.round === round && row.beside === 'nobody');
  return alone?.p99 ?? Number.NaN;
}

function marksOf(rows: readonly Summary[]): readonly Mark[] {
  return rows.flatMap(({ target, beside, times }) => {
    const said = target === 'postern' ? SAID[beside] : undefined;
    return said === undefined ? [] : [mark(`p99 beside ${said}`, 'at most', MOST, times, 'x alone')];
  });
}

function rowsTable(rows: readonly Summary[]): string {
  const head = [
    ...['', 'beside', 'statements', 'p50 ms', 'p99 ms', 'times', 'max ms'],
    ...['loop p99 ms', 'loop max ms', 'waited ms'],
  ];
  const lines = rows.map((row) => {
    const { target, beside, statements, p50, p99, max, loop, times } = row;
    const loops = loop === null ? ['', '', ''] : [fixed(loop.p99, 2), fixed(loop.max, 2), fixed(loop.waited)];
    const factor = beside === 'nobody' ? '' : fixed(times, 1);
    return [target, beside, fixed(statements), fixed(p50, 2), fixed(p99, 2), factor, fixed(max, 2), ...loops];
  });
  return table(head, lines, 2);
}
