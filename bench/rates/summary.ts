import { median } from '../figures/statistics.ts';
import type { Sample } from './measure.ts';

/** Percentiles of a transaction's time, ms. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** One workload through one target: medians over the rounds. */
export interface Row {
  readonly workload: string;
  readonly target: string;
  readonly tps: number;
  /** Of the rounds. */
  readonly lowest: number;
  readonly highest: number;
  /** Rate over that of another target, round by round; NaN where that was not measured. */
  readonly toDirect: number;
  readonly toPgbouncer: number;
  readonly toPgpool: number;
  readonly latency: Percentiles;
  /** Over direct in the same round. */
  readonly added: Percentiles;
  /** The proxy's time for one transaction, microseconds. */
  readonly user: number;
  readonly system: number;
  readonly memoryMiB: number;
}

/** In the order of `targets` within each workload. */
export function summarise(samples: readonly Sample[], targets: readonly string[]): readonly Row[] {
  return [...Map.groupBy(samples, (sample) => sample.workload).values()].flatMap((run) =>
    targets.flatMap((target) => {
      const group = run.filter((sample) => sample.target === target);
      return group.length > 0 ? [row(group, run)] : [];
    }),
  );
}

function row(group: readonly Sample[], run: readonly Sample[]): Row {
  const { workload = '', target = '' } = group[0] ?? {};
  const of = (value: (sample: Sample) => number) => median(group.map(value));
  /** Of what is made of each sample and that of `other` in its round. */
  const beside = (other: string, value: (sample: Sample, other: Sample) => number) =>
    median(
      group.flatMap((sample) => {
        const found = run.find(({ target, round }) => target === other && round === sample.round);
        return found === undefined ? [] : [value(sample, found)];
      }),
    );
  const ratio = (other: string) => beside(other, (mine, its) => mine.tps / its.tps);
  const percentiles = (value: (name: keyof Percentiles) => number): Percentiles => ({
    p50: value('p50'),
    p95: value('p95'),
    p99: value('p99'),
  });
  const rates = group.map(({ tps }) => tps);
  return {
    workload,
    target,
    tps: median(rates),
    lowest: Math.min(...rates),
    highest: Math.max(...rates),
    toDirect: ratio('direct'),
    toPgbouncer: ratio('pgbouncer'),
    toPgpool: ratio('pgpool'),
    latency: percentiles((name) => of((sample) => sample.latency[name])),
    added: percentiles((name) => beside('direct', (mine, its) => mine.latency[name] - its.latency[name])),
    user: of(({ user }) => user),
    system: of(({ system }) => system),
    memoryMiB: of(({ memoryMiB }) => memoryMiB),
  };
}
