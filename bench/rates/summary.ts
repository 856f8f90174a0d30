import type { Sample } from './measure.ts';
import { median, spread } from '../statistics.ts';

/** One workload through one target: medians over the rounds. */
export interface Row {
  readonly workload: string;
  readonly target: string;
  readonly tps: number;
  /** Largest distance of a round from the median, as a fraction of it. */
  readonly spread: number;
  /** Rate over that of another target, round by round. */
  readonly toDirect: number;
  readonly toPgbouncer: number;
  /** ms */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds. */
  readonly cpuPerTransaction: number;
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
  const ratio = (other: string) => median(group.flatMap((sample) => ratioTo(other, sample, run)));
  return {
    workload,
    target,
    tps: of((sample) => sample.tps),
    spread: spread(group.map((sample) => sample.tps)),
    toDirect: ratio('direct'),
    toPgbouncer: ratio('pgbouncer'),
    p50: of((sample) => sample.latency.p50),
    p99: of((sample) => sample.latency.p99),
    cpuPerTransaction: of((sample) => sample.cpuPerTransaction),
    memoryMiB: of((sample) => sample.memoryMiB),
  };
}

function ratioTo(target: string, sample: Sample, run: readonly Sample[]): readonly number[] {
  const other = run.find((candidate) => candidate.target === target && candidate.round === sample.round);
  return other === undefined ? [] : [sample.tps / other.tps];
}
