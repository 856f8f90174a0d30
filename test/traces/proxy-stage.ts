import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { type Postern, startPostern } from '../helpers/postern.ts';
import { ROLE_PASSWORD, ROLES, running, TRACE_DATABASE } from './direct-stage.ts';
import type { Stage } from './runner.ts';
import type { Trace } from './trace-file.ts';

/** What the grant of a trace allows that does not say otherwise; `role limited` has about the same rights. */
export const DEFAULT_GRANT = ['select,insert,update:trace.*'];
const DEFAULT_DENY = ['select,insert,update:trace.payments'];

/** The proxy in front of the traces' PostgreSQL, as the owner of its tables. */
export function startTraceProxy(postgres: OwnPostgres): Promise<Postern> {
  const { host, port } = postgres;
  const url = `postgresql://${ROLES.owner}:${ROLE_PASSWORD}@${host}:${port}/${TRACE_DATABASE}`;
  return startPostern({ postgres, databases: { [TRACE_DATABASE]: url }, tls: true });
}

/** Through the proxy, by a grant of the trace's own. */
export async function proxyStage(postern: Postern, trace: Trace, pace: Stage['pace']): Promise<Stage> {
  const { grant, deny, limits } = trace.header;
  const { user, password, database } = await postern.grant({
    allow: grant.length > 0 ? grant : DEFAULT_GRANT,
    deny: deny.length > 0 || grant.length > 0 ? deny : DEFAULT_DENY,
    limits,
  });
  return {
    side: 'proxy',
    pace,
    login: { port: postern.port, user, password, database },
    running: (part) => running(postern.postgres, part),
  };
}
