/** API tokens of services and agents, for admins; auditors see them. */
import { z } from 'zod';
import { PRINCIPAL_ID, ROLES } from '../../access/accounts/principal.ts';
import type { Principals } from '../../access/accounts/principals.ts';
import { GRANT_ID } from '../../access/token.ts';
import { refuseBound } from './account-routes.ts';
import { type ApiRoute, conflict, notFound, route } from './api-route.ts';
import { asConflict } from './domain-faults.ts';
import { duration } from './request-schema.ts';

const name = z.string().min(1).max(128);
const params = z.strictObject({ id: z.string().regex(GRANT_ID) });

const createBody = z.strictObject({
  principal: z.string().regex(PRINCIPAL_ID).describe('The name of the service or agent.'),
  kind: z.enum(['service', 'agent']),
  actsFor: name.nullable().default(null).describe('Whom an agent works for.'),
  roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length),
  teams: z.array(name).max(100).default([]),
  groups: z.array(name).max(100).default([]),
  databases: z.array(name).min(1).max(100).nullable().default(null).describe('null: all.'),
  ttl: duration,
});

const tokenAnswer = z.object({
  id: z.string(),
  principal: z.string(),
  kind: z.string(),
  actsFor: z.string().nullable(),
  roles: z.array(z.string()),
  teams: z.array(z.string()),
  groups: z.array(z.string()),
  databases: z.array(z.string()).nullable(),
  createdAt: z.string().describe('ISO 8601 UTC.'),
  createdBy: z.string(),
  expiresAt: z.string(),
  revokedAt: z.string().nullable(),
});

export function tokenRoutes({
  tokens,
  accounts,
}: Pick<Principals, 'tokens' | 'accounts'>): readonly ApiRoute[] {
  const list = route(
    ['auditor', 'admin'],
    {
      ...{ method: 'GET', url: '/v1/tokens', operationId: 'listTokens' },
      answer: z.object({ tokens: z.array(tokenAnswer), tampered: z.array(z.string()) }),
      summary: 'API tokens that have not expired, without their secrets.',
    },
    () => tokens.list(),
  );

  const create = route(
    ['admin'],
    {
      ...{ method: 'POST', url: '/v1/tokens', operationId: 'createToken', body: createBody },
      answer: z.object({
        token: tokenAnswer,
        secret: z.string().describe('The token itself. Shown only now.'),
      }),
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
