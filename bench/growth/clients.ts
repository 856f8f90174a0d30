import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import type { Say } from '../part.ts';
import type { Plan } from '../plan.ts';
import { measure, type Sample } from '../rates/measure.ts';
import { initialised } from '../rates/pgbench.ts';
import { type Row, summarise } from '../rates/summary.ts';
import type { Workload } from '../rates/workloads.ts';
import { openTargets, stopTargets, TARGETS } from '../targets/targets.ts';

export interface ClientsRow extends Row {
  readonly clients: number;
}

const NAMES = ['direct', 'pgbouncer', 'postern'];
export const CLIENT_ROUNDS = 2;

/** Prepared SELECTs of ever more clients. */
export async function measureClients(
  server: OwnPostgres,
  plan: Plan,
  say: Say,
): Promise<readonly ClientsRow[]> {
  const { pgbench, connection } = await initialised(server, plan.scale);
  const targets = await openTargets(
    NAMES.map((name) => TARGETS[name]!),
    connection,
    {},
  );
  const rows: ClientsRow[] = [];
  try {
    for (const clients of plan.clients) {
      const samples: readonly Sample[] = await measure(pgbench, targets, select(clients), minor(plan), say);
      rows.push(...summarise(samples, NAMES).map((row) => ({ ...row, clients })));
    }
  } finally {
    await stopTargets(targets);
  }
  return rows;
}

const minor = (plan: Plan): Plan => ({ ...plan, minorRounds: Math.min(plan.minorRounds, CLIENT_ROUNDS) });

const select = (clients: number): Workload => ({
  ...{ name: `clients-${clients}`, title: `${clients} clients`, clients },
  ...{ args: ['-S', '-M', 'prepared'], statements: 1, marked: false },
});
