import { OwnPostgres } from '../../server/embedded/postgres.ts';
import { newestInstalled } from '../../server/embedded/postgres-binaries.ts';
import type { Part } from '../part.ts';
import { chosen, type Plan } from '../plan.ts';
import { openTargets, stopTargets, TARGETS, type Target } from '../targets/targets.ts';
import { effort, measure, type Sample } from './measure.ts';
import { initialised } from './pgbench.ts';
import { ratesPage } from './rates-page.ts';
import { WORKLOADS } from './workloads.ts';

/** Until targets are there, s; and what a run of pgbench takes besides its time. */
const [START, BETWEEN] = [25, 0.15];

/** pgbench through every target. */
export const rates: Part = {
  name: 'rates',
  title: 'Statements of pgbench',
  estimate: (plan) => {
    const targets = (plan.targets ?? Object.keys(TARGETS)).length;
    const each = workloadsOf(plan).map((workload) => {
      const { rounds, seconds, warmUp } = effort(workload, plan);
      return warmUp + BETWEEN + rounds * (seconds + BETWEEN);
    });
    return START + targets * each.reduce((sum, seconds) => sum + seconds, 0);
  },
  run: async function* (plan, say) {
    const workloads = workloadsOf(plan);
    const openers = chosen('--targets', plan.targets, Object.entries(TARGETS));
    const server = await OwnPostgres.start({
      version: newestInstalled(),
      settings: {
        ...{ shared_buffers: '256MB', max_connections: '600' },
        ...{ max_wal_size: '2GB', checkpoint_timeout: '1h' },
      },
    });
    let targets: readonly Target[] = [];
    try {
      const { pgbench, connection, version } = await initialised(server, plan.scale);
      targets = await openTargets(openers, connection, {});
      const names = targets.map(({ name }) => name);
      const samples: Sample[] = [];
      for (const workload of workloads) {
        samples.push(...(await measure(pgbench, targets, workload, plan, say)));
        yield ratesPage({ postgres: version, plan, workloads, targets: names, samples });
      }
    } finally {
      await stopTargets(targets);
      await server.stop();
    }
  },
};

const workloadsOf = ({ workloads }: Plan) =>
  chosen(
    '--workloads',
    workloads,
    WORKLOADS.map((workload) => [workload.name, workload] as const),
  );
