import type { Setting } from '../setting.ts';
import { fixed, table } from '../table.ts';
import { LAYERS, layerOf } from './layers.ts';
import type { Stack } from './perf-stacks.ts';

export interface FlameRow {
  readonly target: string;
  readonly tps: number;
  /** Microseconds for one statement. */
  readonly user: number;
  readonly system: number;
  readonly stacks: readonly Stack[];
}

/** Samples by layers, as the part that they are of the CPU time for one statement. */
export function flamePage(
  { at, machine, node }: Setting,
  seconds: number,
  rows: readonly FlameRow[],
): { readonly markdown: string; readonly data: object } {
  const shares = rows.map(({ stacks, user, system }) => {
    const counts = Map.groupBy(stacks, layerOf);
    return Object.fromEntries(
      LAYERS.map((layer) => [
        layer,
        ((counts.get(layer)?.length ?? 0) / Math.max(stacks.length, 1)) * (user + system),
      ]),
    );
  });
  const lines = LAYERS.map((layer) => [layer, ...shares.map((share) => fixed(share[layer] ?? 0, 1))]);
  const total = ['all', ...rows.map(({ user, system }) => fixed(user + system, 1))];
  const rates = ['statements a second', ...rows.map(({ tps }) => fixed(tps))];
  const graphs = rows.map(({ target }) => `![${target}](${target}.svg)`);
  return {
    markdown: `# Where the time goes

\`npm run bench:flame\`, ${at}. Node.js ${node}, on ${machine}. Prepared SELECTs of 8 clients for ${seconds} s through each,
sampled by \`perf\`; one process each, Postern with all controls on. V8 is told to name what it compiles, which costs a little. How to
read it: [flame graphs](../../../docs/flame-graphs.md).

Microseconds of CPU for one statement, by what ran:

${table(['', ...rows.map(({ target }) => target)], [...lines, total, rates])}

${graphs.join('\n\n')}
`,
    data: {
      seconds,
      rows: rows.map(({ stacks, ...row }, n) => ({ ...row, samples: stacks.length, layers: shares[n] })),
    },
  };
}
