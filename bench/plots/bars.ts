import { linear, short } from './scale.ts';
import { at, escaped, line, svg, text } from './svg.ts';
import { coloursOf } from './theme.ts';

export interface Bar {
  /** Gives the colour, too. */
  readonly series: string;
  /** Before the bar; default: the series. */
  readonly name?: string;
  readonly value: number;
  /** Lowest and highest of the rounds. */
  readonly range?: readonly [number, number];
  /** Beside the bar; default: the value. */
  readonly text?: string;
}

export interface BarPlot {
  readonly title: string;
  /** Of the values. */
  readonly label: string;
  /** px for what stands before the bars. */
  readonly names?: number;
  readonly groups: readonly { readonly title: string; readonly bars: readonly Bar[] }[];
}

const [NAMES, RIGHT, WIDTH] = [150, 590, 720];
const [HEAD, HEIGHT, STEP, BETWEEN] = [66, 14, 18, 14];

/** Horizontal bars in groups, from 0 on, with the range of the rounds. */
export function bars({ title, label, names = NAMES, groups }: BarPlot): string {
  const all = groups.flatMap((group) => group.bars);
  const colours = coloursOf([...new Set(all.map(({ series }) => series))]);
  const scale = linear(
    all.flatMap(({ value, range }) => [value, ...(range ?? [])]),
    { from: names, to: RIGHT },
  );
  const parts: string[] = [];
  let y = HEAD;
  for (const group of groups) {
    parts.push(text(20, y + 11, group.title, 'class="group"'));
    y += STEP + 2;
    for (const bar of group.bars) {
      parts.push(...barAt(bar, { y, left: names, fill: colours.of(bar.series), place: scale.at }));
      y += STEP;
    }
    y += BETWEEN;
  }
  const grid = scale.ticks.flatMap((tick) => [
    line(scale.at(tick), HEAD - 8, scale.at(tick), y - BETWEEN, 'class="rule"'),
    text(scale.at(tick), HEAD - 12, short(tick), 'class="small" text-anchor="middle"'),
  ]);
  return svg(WIDTH, y + 6, colours.style, [
    text(20, 26, title, 'class="title"'),
    text(20, HEAD - 12, label, 'class="small"'),
    ...grid,
    ...parts,
  ]);
}

interface Place {
  readonly y: number;
  readonly left: number;
  readonly fill: string;
  place(value: number): number;
}

function barAt(bar: Bar, { y, left, fill, place }: Place): readonly string[] {
  const { series, name = series, value, range, text: said = short(value) } = bar;
  const width = place(value) - left;
  const end = place(Math.max(value, ...(range ?? [])));
  const middle = y + HEIGHT / 2;
  return [
    text(left - 8, y + 11, name, 'class="small" text-anchor="end"'),
    `<rect x="${left}" y="${y}" width="${at(width)}" height="${HEIGHT}" rx="2" fill="${fill}"><title>${escaped(`${name}: ${said}`)}</title></rect>`,
    ...(range === undefined ? [] : [line(place(range[0]), middle, place(range[1]), middle, 'class="error"')]),
    text(end + 7, y + 11, said),
  ];
}
