/** Sessions of the proxy: seen, and ended. */
import { z } from 'zod';
import type { Principal, Role } from '../../access/accounts/principal.ts';
import type { SessionInfo, SessionRegistry } from '../../access/session-registry.ts';
import { type ApiRoute, notFound, route } from './api-route.ts';
import { ENDERS, mayTouch, OVERSEERS, ownsSession } from './visibility.ts';

const params = z.strictObject({ id: z.string().regex(/^[0-9a-z]{1,64}$/) });
const sessionAnswer = z.object({
  session: z.string(),
  grant: z.string(),
  principal: z.string(),
  database: z.string(),
  client: z.string().describe('Address and port.'),
  application: z.string().nullable(),
  node: z.string(),
  since: z.string().describe('ISO 8601 UTC.'),
  backendPid: z.int().nullable(),
});

export function sessionRoutes(registry: SessionRegistry): readonly ApiRoute[] {
  const list = route(
    ['requester', ...OVERSEERS],
    {
      ...{ method: 'GET', url: '/v1/sessions', operationId: 'listSessions' },
      answer: z.object({ sessions: z.array(sessionAnswer) }),
      summary: 'Who is connected, the oldest first: your own, or all for those who watch over them.',
    },
    async ({ principal }) => {
      const all = await registry.list();
      return { sessions: all.filter((info) => touches(principal, info, OVERSEERS)) };
    },
  );

  const end = route(
    ['requester', ...ENDERS],
    {
      ...{ method: 'POST', url: '/v1/sessions/:id/end', operationId: 'endSession', params },
      answer: z.object({ session: z.string(), ended: z.literal(true) }),
      summary: 'End a session; its grant stays. Your own, or any for reviewers and admins.',
    },
    async ({ principal, params: { id } }) => {
      const info = await registry.find(id);
      if (info === null || !touches(principal, info, ENDERS)) throw notFound('session', id);
      if (!(await registry.end(info, principal.id))) throw notFound('session', id);
      return { session: id, ended: true };
    },
  );

  return [list, end];
}

const touches = (principal: Principal, info: SessionInfo, roles: readonly Role[]): boolean =>
  mayTouch(principal, info, { owns: ownsSession(principal, info), roles });
