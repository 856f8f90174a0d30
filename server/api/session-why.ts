/** Why a session was let in: its grant, and the request that this came of. */
import type { z } from 'zod';
import { type Grant, limitsSchema } from '../../access/grant.ts';
import type { GrantStore } from '../../access/grant-store.ts';
import type { RequestStore } from '../../access/requests/request-store.ts';
import type { TrailSource } from '../../audit/trail-source.ts';
import type { Scope } from '../../guardrails/types.ts';
import type { sessionDetailAnswer } from './session-schema.ts';

type Why = NonNullable<z.infer<typeof sessionDetailAnswer>['why']>;

export interface SessionWhyParts {
  readonly store: Pick<GrantStore, 'get' | 'getPast'>;
  readonly requests: Pick<RequestStore, 'ofGrant'>;
  readonly source: Pick<TrailSource, 'events'>;
}

/** null: nothing is known of the grant any more. */
export async function whyOf(
  grant: string,
  { store, requests, source }: SessionWhyParts,
): Promise<Why | null> {
  const [active, request] = await Promise.all([
    store.get(grant).catch(() => null),
    requests.ofGrant(grant).catch(() => null),
  ]);
  const past = active ?? (await store.getPast(grant).catch(() => null));
  const shown = past === null ? await ofTrail(grant, source) : shownGrant(past.grant, active !== null);
  if (shown === null) return null;
  return {
    grant: shown,
    request: request && {
      ...{ id: request.id, reason: request.reason, askedAt: request.askedAt },
      ...{ rule: request.rule, emergency: request.emergency },
    },
  };
}

function shownGrant(
  { id, principal, reason, ticket, approvedBy, scope, limits, expiresAt }: Grant,
  inForce: boolean,
): Why['grant'] {
  return {
    ...{ id, principal: principal.id, reason, ticket, approvedBy: [...approvedBy], expiresAt, inForce },
    scope: linesOf(scope),
    limits: { ...limits, from: limits.from && [...limits.from] },
  };
}

/** As it was made: extensions of it are events of their own. */
async function ofTrail(grant: string, source: SessionWhyParts['source']): Promise<Why['grant'] | null> {
  const { items } = await source.events({ types: ['grant.create'], grant, limit: 1, order: 'newest' });
  const [event] = items;
  if (event?.type !== 'grant.create') return null;
  const { principal, reason, ticket, approvedBy, expiresAt, scope, limits } = event;
  const known = limitsSchema.safeParse(limits);
  if (!known.success || !Array.isArray(scope)) return null;
  return {
    ...{ id: grant, principal, reason, ticket, approvedBy: [...approvedBy], expiresAt, inForce: false },
    scope: linesOf(scope as Scope),
    limits: known.data,
  };
}

const linesOf = (scope: Scope): Why['grant']['scope'] =>
  scope.map(({ actions, on }) => ({ actions: [...actions], on: [...on] }));
