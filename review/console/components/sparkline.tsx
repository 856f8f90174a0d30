interface SparklineProps {
  /** From 0 to 1, the oldest first. */
  readonly values: readonly number[];
  readonly label: string;
}

const [WIDTH, HEIGHT] = [56, 18];

/** So small a chart that it stands in a line of a table. */
export function Sparkline({ values, label }: SparklineProps) {
  if (values.length === 0) return null;
  const x = (index: number): number => (values.length === 1 ? WIDTH : (index / (values.length - 1)) * WIDTH);
  const y = (value: number): number => HEIGHT - 2 - value * (HEIGHT - 4);
  const points = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`);
  const line = points.length === 1 ? [`0,${HEIGHT - 2}`, ...points] : points;
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <polyline points={line.join(' ')} />
      <circle cx={x(values.length - 1)} cy={y(values.at(-1)!)} r="1.8" />
    </svg>
  );
}
