/** API tokens of services and agents, for admins; auditors see them. */
import { z } from 'zod';
import type { Principals } from '../../access/accounts/principals.ts';
import { refuseBound } from './account-routes.ts';
import { type ApiRoute, conflict, notFound, route } from './api-route.ts';
import { asConflict } from './domain-faults.ts';
import { createBody, createdAnswer, params, tokensAnswer } from './token-schema.ts';

export function tokenRoutes({
  tokens,
  accounts,
}: Pick<Principals, 'tokens' | 'accounts'>): readonly ApiRoute[] {
  const list = route(
    ['auditor', 'admin'],
    {
      ...{ method: 'GET', url: '/v1/tokens', operationId: 'listTokens' },
      answer: tokensAnswer,
      summary: 'API tokens that have not expired, without their secrets.',
    },
    () => tokens.list(),
  );

  const create = route(
    ['admin'],
    {
      ...{ method: 'POST', url: '/v1/tokens', operationId: 'createToken', body: createBody },
      answer: createdAnswer,
      summary: 'Make a token for a service, or for an agent that works for somebody.',
    },
    async ({ principal, body: { ttl, ...form } }) => {
      refuseBound(principal);
      if ((await accounts.get(form.principal)) !== null)
        throw conflict(`${form.principal} is the name of a person's account`);
      return await tokens.create(form, ttl, principal.id).catch(asConflict);
    },
  );

  const revoke = route(
    ['admin'],
    {
      ...{ method: 'POST', url: '/v1/tokens/:id/revoke', operationId: 'revokeToken', params },
      answer: z.object({ id: z.string(), revoked: z.literal(true) }),
      summary: 'End a token now.',
    },
    async ({ principal, params: { id } }) => {
      if (!(await tokens.revoke(id, principal.id))) throw notFound('token', id);
      return { id, revoked: true };
    },
  );

  return [list, create, revoke];
}
