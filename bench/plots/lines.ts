import { linear, logarithmic, type Scale, type Span, short } from './scale.ts';
import { at, escaped, line, svg, text } from './svg.ts';
import { coloursOf } from './theme.ts';

export interface Axis {
  readonly label: string;
  readonly scale: 'linear' | 'log';
}

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LinePlot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

const [WIDTH, HEIGHT] = [720, 384];
const FRAME = { left: 64, right: 590, top: 58, bottom: 336 };
/** px between the names of two series. */
const APART = 16;

/** Curves with a dot for each measurement, and their names where they end. */
export function lines({ title, x, y, series }: LinePlot): string {
  const colours = coloursOf(series.map(({ name }) => name));
  const points = series.flatMap((each) => each.points);
  const along = scaleOf(
    x,
    points.map(([value]) => value),
    { from: FRAME.left, to: FRAME.right },
  );
  const up = scaleOf(
    y,
    points.map(([, value]) => value),
    { from: FRAME.bottom, to: FRAME.top },
  );
  const curves = series.flatMap(({ name, points }) => {
    const places = points.map(([px, py]) => `${at(along.at(px))},${at(up.at(py))}`);
    const dots = points.map(
      ([px, py]) =>
        `<circle cx="${at(along.at(px))}" cy="${at(up.at(py))}" r="3.5" fill="${colours.of(name)}"><title>${escaped(`${name}: ${short(px)}, ${short(py)}`)}</title></circle>`,
    );
    return [`<polyline class="line" stroke="${colours.of(name)}" points="${places.join(' ')}"/>`, ...dots];
  });
  return svg(WIDTH, HEIGHT, colours.style, [
    text(20, 26, title, 'class="title"'),
    ...up.ticks.flatMap((tick) => [
      line(FRAME.left, up.at(tick), FRAME.right, up.at(tick), 'class="rule"'),
      text(FRAME.left - 8, up.at(tick) + 4, short(tick), 'class="small" text-anchor="end"'),
    ]),
    ...along.ticks.map((tick) =>
      text(along.at(tick), FRAME.bottom + 18, short(tick), 'class="small" text-anchor="middle"'),
    ),
    text(20, FRAME.top - 14, y.label, 'class="small"'),
    text(FRAME.right, FRAME.bottom + 36, x.label, 'class="small" text-anchor="end"'),
    ...curves,
    ...names(series, up).map(({ name, y: height }) =>
      text(FRAME.right + 10, height + 4, name, `style="fill:${colours.of(name)}"`),
    ),
  ]);
}

function scaleOf({ scale }: Axis, values: readonly number[], span: Span): Scale {
  return scale === 'log' ? logarithmic(values, span) : linear(values, span);
}

/** Beside the last points, moved apart where they would overlap. */
function names(series: readonly Series[], up: Scale): readonly { name: string; y: number }[] {
  const places = series
    .flatMap(({ name, points }) => points.slice(-1).map(([, value]) => ({ name, y: up.at(value) })))
    .sort((one, other) => one.y - other.y);
  let free = Number.NEGATIVE_INFINITY;
  return places.map(({ name, y }) => {
    free = Math.max(y, free + APART);
    return { name, y: free };
  });
}
