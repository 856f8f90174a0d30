import { type Used, withUsage } from '../figures/used.ts';
import type { Say } from '../part.ts';
import type { Plan } from '../plan.ts';
import { rotated, type Target } from '../targets/targets.ts';
import type { Pgbench, Rate } from './pgbench.ts';
import type { Workload } from './workloads.ts';

/** One run of one workload through one target; CPU time is for one transaction. */
export interface Sample extends Rate, Used {
  readonly workload: string;
  readonly target: string;
  /** From 1. */
  readonly round: number;
}

/**
 * Every round takes all targets one after another, beginning with another one each time; ratios are taken within a round.
 * What fails is told, and leaves no sample: one target that breaks does not end the run of all others.
 */
export async function measure(
  pgbench: Pgbench,
  targets: readonly Target[],
  workload: Workload,
  plan: Plan,
  say: Say,
): Promise<readonly Sample[]> {
  const { rounds, seconds, warmUp } = effort(workload, plan);
  const attempt = async (name: string, work: () => Promise<void>): Promise<void> => {
    await work().catch((error: unknown) => say(`${workload.name} ${name} failed: ${error}`));
  };
  for (const { name, connection } of warmUp > 0 ? targets : [])
    await attempt(name, async () => {
      await pgbench.run(connection, workload, warmUp);
    });
  const samples: Sample[] = [];
  for (let round = 1; round <= rounds; round += 1)
    for (const { name, connection, pid } of rotated(targets, round))
      await attempt(name, async () => {
        const run = await withUsage(pid, () => pgbench.run(connection, workload, seconds));
        samples.push({ workload: workload.name, target: name, round, ...run });
        const cpu = `CPU ${(run.user + run.system).toFixed(0)} us`;
        say(`${workload.name} ${round}/${rounds} ${name}: ${run.tps.toFixed(0)} tps, ${cpu}`);
      });
  return samples;
}

/** pgbench's time begins before its clients are connected: s that many of them get for it. */
const [MANY, LOGINS] = [64, 1];

export interface Effort {
  readonly rounds: number;
  /** s of one run, and of that which comes before the rounds. */
  readonly seconds: number;
  readonly warmUp: number;
}

export function effort({ marked, clients }: Workload, plan: Plan): Effort {
  const logins = clients < MANY ? 0 : LOGINS;
  const warmUp = marked && clients > 1 ? plan.firstWarmUp : plan.warmUp;
  return marked
    ? { rounds: plan.rounds, seconds: plan.seconds + logins, warmUp }
    : { rounds: plan.minorRounds, seconds: plan.minorSeconds + logins, warmUp };
}
