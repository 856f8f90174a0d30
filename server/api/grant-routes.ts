/** Grants: seen, and ended. */
import { z } from 'zod';
import type { Issuer } from '../../access/access.ts';
import type { Principal, Role } from '../../access/accounts/principal.ts';
import type { Grant } from '../../access/grant.ts';
import { GRANT_ID } from '../../access/token.ts';
import { type ApiRoute, notFound, route } from './api-route.ts';
import { ENDERS, mayTouch, OVERSEERS, ownsGrant } from './visibility.ts';

const params = z.strictObject({ id: z.string().regex(GRANT_ID) });

const grantAnswer = z.looseObject({
  id: z.string(),
  principal: z.looseObject({ id: z.string() }),
  database: z.string(),
  scope: z.array(z.looseObject({ actions: z.array(z.string()), on: z.array(z.string()) })),
  reason: z.string(),
  issuedAt: z.string().describe('ISO 8601 UTC.'),
  expiresAt: z.string(),
});

const usage = z.object({ logins: z.number(), rows: z.number(), bytes: z.number(), statements: z.number() });

export function grantRoutes({
  store,
  registry,
  requests,
}: Pick<Issuer, 'store' | 'registry' | 'requests'>): readonly ApiRoute[] {
  /** Rejects with an HttpFault where there is no active one that they may touch. */
  async function found(principal: Principal, id: string, roles: readonly Role[]): Promise<Grant> {
    const grant = (await store.get(id))?.grant;
    if (grant === undefined || !touches(principal, grant, roles)) throw notFound('grant', id);
    return grant;
  }

  const list = route(
    ['requester', ...OVERSEERS],
    {
      ...{ method: 'GET', url: '/v1/grants', operationId: 'listGrants' },
      answer: z.object({ grants: z.array(grantAnswer), tampered: z.array(z.string()) }),
      summary: 'Active grants by expiry: your own, or all for those who watch over them.',
    },
    async ({ principal }) => {
      const { grants, tampered } = await store.list();
      const watches = OVERSEERS.some((role) => principal.roles.includes(role));
      return {
        grants: grants.filter((grant) => touches(principal, grant, OVERSEERS)),
        tampered: watches ? tampered : [],
      };
    },
  );

  const show = route(
    ['requester', ...OVERSEERS],
    {
      ...{ method: 'GET', url: '/v1/grants/:id', operationId: 'getGrant', params },
      answer: grantAnswer.extend({
        ...{ usage, sessions: z.array(z.looseObject({ session: z.string() })) },
        request: z
          .string()
          .nullable()
          .describe('Of which it came; null: of none, or that is no longer known.'),
      }),
      summary: 'One grant, with what has been used of it and who is connected by it.',
    },
    async ({ principal, params: { id } }) => {
      const grant = await found(principal, id, OVERSEERS);
      const [taken, sessions, request] = await Promise.all([
        store.usage(id),
        registry.list(id),
        requests.ofGrant(id).catch(() => null),
      ]);
      return { ...grant, usage: taken, sessions, request: request?.id ?? null };
    },
  );

  const revoke = route(
    ['requester', ...ENDERS],
    {
      ...{ method: 'POST', url: '/v1/grants/:id/revoke', operationId: 'revokeGrant', params },
      answer: z.object({ id: z.string(), revoked: z.literal(true) }),
      summary: 'End a grant and its sessions now: your own, or any for reviewers and admins.',
    },
    async ({ principal, params: { id } }) => {
      await found(principal, id, ENDERS);
      if (!(await store.revoke(id, principal.id))) throw notFound('grant', id);
      return { id, revoked: true };
    },
  );

  const giveBack = route(
    ['requester'],
    {
      ...{ method: 'POST', url: '/v1/grants/:id/return', operationId: 'returnGrant', params },
      answer: z.object({ id: z.string(), returned: z.literal(true) }),
      summary: 'Give your grant back before its time.',
    },
    async ({ principal, params: { id } }) => {
      await found(principal, id, []);
      if (!(await store.giveBack(id, principal.id))) throw notFound('grant', id);
      return { id, returned: true };
    },
  );

  return [list, show, revoke, giveBack];
}

const touches = (principal: Principal, grant: Grant, roles: readonly Role[]): boolean =>
  mayTouch(principal, grant, { owns: ownsGrant(principal, grant), roles });
