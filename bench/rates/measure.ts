import type { Pgbench, Rate } from './pgbench.ts';
import { cpuSeconds, memoryMiB } from '../process-usage.ts';
import type { Target } from '../targets/targets.ts';
import type { Workload } from './workloads.ts';

/** One run of one workload through one target. */
export interface Sample extends Rate {
  readonly workload: string;
  readonly target: string;
  /** From 1. */
  readonly round: number;
  /** The proxy's user and system time for one transaction, in microseconds. */
  readonly cpuPerTransaction: number;
  /** The proxy's memory at the end of the run. */
  readonly memoryMiB: number;
}

export interface Plan {
  readonly workloads: readonly Workload[];
  readonly rounds: number;
  readonly seconds: number;
}

/** Before the first round, for each target: caches fill, and what compiles at run time is compiled. */
const WARM_UP_SECONDS = 10;

/**
 * Every round takes all targets one after another, beginning with another one each time: what the machine does beside
 * meets all of them, and ratios are taken within a round.
 */
export async function measure(
  pgbench: Pgbench,
  targets: readonly Target[],
  plan: Plan,
  progress: (sample: Sample) => void,
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (const workload of plan.workloads) {
    for (const target of targets) await pgbench.run(target.connection, workload, WARM_UP_SECONDS);
    for (let round = 1; round <= plan.rounds; round += 1) {
      for (const target of rotated(targets, round)) {
        const sample = await measureOnce(pgbench, target, workload, plan.seconds, round);
        samples.push(sample);
        progress(sample);
      }
    }
  }
  return samples;
}

async function measureOnce(
  pgbench: Pgbench,
  target: Target,
  workload: Workload,
  seconds: number,
  round: number,
) {
  const before = target.pid === null ? 0 : cpuSeconds(target.pid);
  const rate = await pgbench.run(target.connection, workload, seconds);
  const used = target.pid === null ? 0 : cpuSeconds(target.pid) - before;
  return {
    workload: workload.name,
    target: target.name,
    round,
    ...rate,
    cpuPerTransaction: (used / rate.transactions) * 1e6,
    memoryMiB: target.pid === null ? 0 : memoryMiB(target.pid),
  };
}

const rotated = <T>(items: readonly T[], by: number): readonly T[] => {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
};
