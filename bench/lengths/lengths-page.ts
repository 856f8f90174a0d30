import { median } from '../figures/statistics.ts';
import type { Page } from '../part.ts';
import { lines } from '../plots/lines.ts';
import { fixed, table } from '../table.ts';

export interface LengthSample {
  readonly target: string;
  /** Of one statement, about. */
  readonly bytes: number;
  /** From 1. */
  readonly round: number;
  /** ms */
  readonly p50: number;
}

export function lengthsPage(rounds: number, samples: readonly LengthSample[]): Page {
  const targets = [...new Set(samples.map(({ target }) => target))].sort((one, other) =>
    one === 'direct' ? -1 : other === 'direct' ? 1 : 0,
  );
  const sizes = [...new Set(samples.map(({ bytes }) => bytes))];
  const of = (name: string, size: number) =>
    median(samples.filter(({ target, bytes }) => target === name && bytes === size).map(({ p50 }) => p50));
  const rows = sizes.map((size) => ({
    bytes: size,
    p50: Object.fromEntries(targets.map((name) => [name, of(name, size)])),
  }));
  return {
    markdown: `One client sends INSERT statements of many rows, one after another, by the simple protocol; no two texts are alike. Medians
of ${rounds} rounds, ms. Postern parses each text; those above 64 KiB in a process of its own.

![time by length](lengths.svg)

${table(
  ['bytes', ...targets],
  rows.map(({ bytes, p50 }) => [fixed(bytes), ...targets.map((name) => fixed(p50[name] as number, 3))]),
)}`,
    plots: {
      'lengths.svg': lines({
        title: 'Time of one statement by its length',
        x: { label: 'bytes', scale: 'log' },
        y: { label: 'ms', scale: 'log' },
        series: targets.map((name) => ({
          name,
          points: sizes.map((size) => [size, of(name, size)] as const),
        })),
      }),
    },
    data: { rounds, rows, samples },
    marks: [],
  };
}
