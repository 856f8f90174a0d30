/** What a chart shows. */
export interface ChartSeries {
  readonly label: string;
  /** A variable of the styles, such as `--deny`. */
  readonly colour: string;
  /** One for each time; null: nothing is known then. */
  readonly values: readonly (number | null)[];
}

export interface ChartData {
  /** Unix ms: what is shown, whether anything is known of all of it or not. */
  readonly from: number;
  readonly to: number;
  /** Unix ms. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
}

/** Each series on top of those before it, the last one first, so that what is drawn later covers what is below it. */
export function stacked({
  times,
  series,
}: Pick<ChartData, 'times' | 'series'>): readonly (readonly (number | null)[])[] {
  const sums = new Array<number>(times.length).fill(0);
  const layers = series.map(({ values }) =>
    values.map((value, index) => {
      sums[index] = sums[index]! + (value ?? 0);
      return sums[index]!;
    }),
  );
  return layers.reverse();
}

export const total = ({ values }: ChartSeries): number =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
