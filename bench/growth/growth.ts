import { OwnPostgres } from '../../server/embedded/postgres.ts';
import { newestInstalled } from '../../server/embedded/postgres-binaries.ts';
import type { Part } from '../part.ts';
import { CLIENT_ROUNDS, type ClientsRow, measureClients } from './clients.ts';
import { type GrantsRow, measureGrants } from './grants.ts';
import { growthPage } from './growth-page.ts';
import { measureSpools, type SpoolRow } from './spool.ts';

/** To estimate by: s until servers are there, targets, grants and events a second. */
const [START, TARGETS, GRANTS, EVENTS] = [15, 3, 300, 60_000];

/**
 * Curves: cost against clients, active grants and events in the spool. Those against idle sessions, relations and the
 * length of a statement are in the parts that measure them.
 */
export const growth: Part = {
  name: 'growth',
  title: 'Growth: clients, grants, events',
  estimate: ({ clients, warmUp, minorSeconds, grants, events }) =>
    START +
    clients.length * TARGETS * (warmUp + CLIENT_ROUNDS * (minorSeconds + 0.3)) +
    Math.max(...grants) / GRANTS +
    grants.length * 4 +
    events.reduce((sum, count) => sum + count / EVENTS, 0),
  run: async function* (plan, say) {
    const found = { clients: [] as readonly ClientsRow[], grants: [] as readonly GrantsRow[] };
    const spools: readonly SpoolRow[] = await measureSpools(plan, say);
    yield growthPage({ ...found, spools });
    const server = await OwnPostgres.start({
      version: newestInstalled(),
      settings: { shared_buffers: '256MB', max_connections: '400', max_wal_size: '2GB' },
    });
    try {
      found.grants = await measureGrants(server, plan, say);
      yield growthPage({ ...found, spools });
      found.clients = await measureClients(server, plan, say);
      yield growthPage({ ...found, spools });
    } finally {
      await server.stop();
    }
  },
};
