import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { lookBuild } from '../state/build.ts';
import { theme } from '../state/theme.ts';
import { absolute } from '../text/durations.ts';
import { type ChartData, total } from './chart-data.ts';

interface ChartProps {
  readonly title: string;
  readonly data: ChartData;
  /** Bars on top of each other, with their sums; or lines. */
  readonly kind: 'bars' | 'lines';
  readonly show: (value: number) => string;
  /** What is in the numbers. */
  readonly note?: string;
  /** Under the title, where nothing is to be shown. */
  readonly empty: string;
}

/** A chart over time, with a legend that tells the values under the pointer, and a table for those who can't see it. */
export function Chart({ title, data, kind, show, note, empty }: ChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const pointed = useSignal<number | null>(null);
  const nothing = data.series.every(({ values }) => values.every((value) => value === null || value === 0));
  useEffect(() => {
    if (nothing) return;
    let gone = false;
    let destroy = (): void => {};
    import('./draw-chart.ts').then(({ drawChart }) => {
      if (gone) return;
      destroy = drawChart(frame.current!, { data, kind, show, point: (index) => (pointed.value = index) });
    }, lookBuild);
    return () => {
      gone = true;
      destroy();
    };
  }, [data, kind, nothing, theme.value]);
  const at = pointed.value;
  return (
    <figure class="chart">
      <figcaption>
        <h2>{title}</h2>
        <span class="second number">{at === null ? '' : absolute(data.times[at]!)}</span>
      </figcaption>
      {note && <p class="chart-note second">{note}</p>}
      {nothing ? (
        <p class="chart-empty">{empty}</p>
      ) : (
        <>
          <ul class="legend">
            {data.series.map((series) => (
              <li key={series.label}>
                <svg viewBox="0 0 10 10" aria-hidden="true">
                  <rect width="10" height="10" rx="2" style={{ fill: `var(${series.colour})` }} />
                </svg>
                {series.label}{' '}
                <strong class="number">
                  {at === null
                    ? summary(series.values, kind, show, total(series))
                    : told(series.values[at], show)}
                </strong>
              </li>
            ))}
          </ul>
          <div class="chart-frame" ref={frame} aria-hidden="true" />
          <ChartTable data={data} show={show} />
        </>
      )}
    </figure>
  );
}

const told = (value: number | null | undefined, show: (value: number) => string): string =>
  value === null || value === undefined ? 'none' : show(value);

/** Of bars their sum, of lines the last value. */
function summary(
  values: readonly (number | null)[],
  kind: 'bars' | 'lines',
  show: (value: number) => string,
  sum: number,
): string {
  return kind === 'bars'
    ? show(sum)
    : told(
        values.findLast((value) => value !== null),
        show,
      );
}

function ChartTable({
  data: { times, series },
  show,
}: {
  readonly data: ChartData;
  readonly show: (value: number) => string;
}) {
  const open = useSignal(false);
  return (
    <details
      class="chart-table"
      onToggle={(event) => {
        open.value = event.currentTarget.open;
      }}
    >
      <summary>As a table</summary>
      {open.value && (
        <div class="chart-scroll" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">From</th>
                {series.map(({ label }) => (
                  <th key={label} scope="col">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {times.map((time, index) => (
                <tr key={time}>
                  <th scope="row">{absolute(time)}</th>
                  {series.map(({ label, values }) => (
                    <td key={label} class="number">
                      {told(values[index], show)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
