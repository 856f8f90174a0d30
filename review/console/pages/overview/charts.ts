/** What the overview's charts show. */
import type { Decision, Overview } from '../../api/answers.ts';
import type { ChartData } from '../../components/chart-data.ts';

/** From the bottom of the stack: what is rare stands on top, where it shows. */
const DECISIONS: readonly (readonly [decision: Decision, label: string])[] = [
  ['allow', 'Allowed'],
  ['observe', 'Observed'],
  ['hold', 'Held'],
  ['deny', 'Denied'],
];

export function decisionChart({ tallies, ...overview }: Overview): ChartData {
  return {
    ...spanOf(overview),
    times: tallies.map(({ at }) => Date.parse(at)),
    series: DECISIONS.map(([decision, label]) => ({
      ...{ label, colour: `--${decision}` },
      values: tallies.map(({ decisions }) => decisions[decision]),
    })),
  };
}

export function latencyChart({ latency, ...overview }: Overview): ChartData {
  const known = latency.filter(({ measured }) => measured > 0);
  return {
    ...spanOf(overview),
    times: known.map(({ at }) => Date.parse(at)),
    series: [
      { label: 'Median', colour: '--accent', values: known.map(({ p50 }) => p50) },
      { label: '95 %', colour: '--hold', values: known.map(({ p95 }) => p95) },
      { label: '99 %', colour: '--deny', values: known.map(({ p99 }) => p99) },
    ],
  };
}

export function alarmChart({ tallies, ...overview }: Overview): ChartData {
  return {
    ...spanOf(overview),
    times: tallies.map(({ at }) => Date.parse(at)),
    series: [
      { label: 'Raised', colour: '--accent', values: tallies.map(({ alarms }) => alarms) },
      { label: 'Judged true', colour: '--deny', values: tallies.map(({ verdicts }) => verdicts.true) },
      { label: 'Judged false', colour: '--allow', values: tallies.map(({ verdicts }) => verdicts.false) },
    ],
  };
}

const spanOf = ({ from, to }: Pick<Overview, 'from' | 'to'>) => ({
  from: Date.parse(from),
  to: Date.parse(to),
});
