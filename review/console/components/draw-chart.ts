/** The drawing of charts by uPlot, which is loaded with the first of them. */
import uPlot from 'uplot';
import { type ChartData, stacked } from './chart-data.ts';

export interface Drawing {
  readonly data: ChartData;
  readonly kind: 'bars' | 'lines';
  readonly show: (value: number) => string;
  /** Hears where the pointer is; null: nowhere. */
  readonly point: (index: number | null) => void;
}

const HEIGHT = 200;
/** Of so many points, each is worth a dot. */
const FEW = 60;

/** Returns what ends it. */
export function drawChart(frame: HTMLElement, drawing: Drawing): () => void {
  const { data, kind, show } = drawing;
  const colour = colourOf(frame);
  const order = kind === 'bars' ? [...data.series].reverse() : data.series;
  const values = kind === 'bars' ? stacked(data) : data.series.map((series) => series.values);
  /** Numbers of things, of which there are no halves. */
  const counted = values.flat().every((value) => value === null || Number.isInteger(value));
  const grid = { stroke: colour('--line'), width: 1 };
  const axis = {
    stroke: colour('--text-3'),
    grid,
    ticks: { show: false },
    font: `11px ${getComputedStyle(frame).fontFamily}`,
  };
  const bars = uPlot.paths.bars!({ size: [0.86, 40], align: 1 });
  const plot = new uPlot(
    {
      width: frame.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { points: { show: false }, drag: { x: false, y: false }, y: false },
      scales: {
        x: { time: true, range: [data.from / 1000, data.to / 1000] },
        y: { range: (_plot, _least, most) => [0, Math.max(most, Number.MIN_VALUE) * 1.08] },
      },
      axes: [
        { ...axis, size: 28, values: (_plot, splits) => splits.map(moment) },
        {
          ...axis,
          size: 56,
          values: (_plot, splits) =>
            splits.map(counted ? (value) => (Number.isInteger(value) ? show(value) : '') : show),
        },
      ],
      series: [
        {},
        ...order.map(({ label, colour: name }) => ({
          label,
          points: { show: kind === 'lines' && data.times.length <= FEW, size: 5, fill: colour(name) },
          ...(kind === 'bars'
            ? { paths: bars, fill: colour(name), stroke: colour(name), width: 0 }
            : { stroke: colour(name), width: 1.75, spanGaps: false }),
        })),
      ],
      hooks: { setCursor: [({ cursor }) => drawing.point(cursor.idx ?? null)] },
    },
    [data.times.map((time) => time / 1000), ...values] as unknown as uPlot.AlignedData,
    frame,
  );
  const resized = new ResizeObserver(() => plot.setSize({ width: frame.clientWidth, height: HEIGHT }));
  resized.observe(frame);
  return () => {
    resized.disconnect();
    plot.destroy();
    drawing.point(null);
  };
}

/** Of midnight the day, of other times the hour. */
function moment(seconds: number): string {
  const at = new Date(seconds * 1000);
  return at.getHours() === 0 && at.getMinutes() === 0 ? DAY.format(at) : HOUR.format(at);
}

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const HOUR = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** A canvas knows no variables. */
function colourOf(element: HTMLElement): (name: string) => string {
  return (name) => {
    const probe = document.createElement('span');
    probe.style.color = `var(${name})`;
    element.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}
