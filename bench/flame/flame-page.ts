import type { Setting } from '../setting.ts';
import { fixed, table } from '../table.ts';
import { CALLERS, callerOf, LAYERS, layerOf } from './layers.ts';
import type { Stack } from './perf-stacks.ts';

export interface FlameRow {
  readonly target: string;
  readonly tps: number;
  /** Microseconds for one statement. */
  readonly user: number;
  readonly system: number;
  readonly stacks: readonly Stack[];
}

const OURS = 'postern';

/** Samples by layers, as the part that they are of the CPU time for one statement. */
export function flamePage(
  { at, machine, node }: Setting,
  work: string,
  seconds: number,
  rows: readonly FlameRow[],
): { readonly markdown: string; readonly data: object } {
  const layers = rows.map((row) => shares(row, LAYERS, layerOf));
  const callers = rows.map((row) => shares(row, CALLERS, callerOf));
  const lines = LAYERS.map((layer) => [layer, ...layers.map((each) => fixed(each[layer], 1))]);
  const folders = CALLERS.map((caller) => [
    caller,
    ...callers.flatMap((each, n) => (rows[n]?.target === OURS ? [fixed(each[caller], 1)] : [])),
  ]);
  const total = ['all', ...rows.map(({ user, system }) => fixed(user + system, 1))];
  const rates = ['statements a second', ...rows.map(({ tps }) => fixed(tps))];
  const graphs = rows.map(({ target }) => `![${target}](${target}.svg)`);
  return {
    markdown: `# Where the time goes

\`npm run bench:flame\`, ${at}. Node.js ${node}, on ${machine}. ${work}, for ${seconds} s through each,
sampled by \`perf\`; one process each, Postern with all controls on. V8 is told to name what it compiles, which costs a little. How to
read it: [flame graphs](../../../docs/flame-graphs.md).

Microseconds of CPU for one statement, by what ran:

${table(['', ...rows.map(({ target }) => target)], [...lines, total, rates])}

The same of Postern by the innermost of its own code around it, so that what it calls (the engine, Node.js, the kernel)
counts to it:

${table(['', OURS], folders)}

${graphs.join('\n\n')}
`,
    data: {
      seconds,
      rows: rows.map(({ stacks, ...row }, n) => ({
        ...row,
        samples: stacks.length,
        layers: layers[n],
        callers: callers[n],
      })),
    },
  };
}

/** Microseconds for one statement, by kinds of samples. */
function shares<Kind extends string>(
  { stacks, user, system }: FlameRow,
  kinds: readonly Kind[],
  kindOf: (stack: Stack) => Kind,
): Readonly<Record<Kind, number>> {
  const counts = Map.groupBy(stacks, kindOf);
  const each = (user + system) / Math.max(stacks.length, 1);
  return Object.fromEntries(kinds.map((kind) => [kind, (counts.get(kind)?.length ?? 0) * each])) as Record<
    Kind,
    number
  >;
}
