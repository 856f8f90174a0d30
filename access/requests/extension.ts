/** More time for a grant: a request of its own, that names the one it extends. */
import type { Grant } from '../grant.ts';
import { MAX_TTL, MIN_TTL } from '../grant-store.ts';
import { decideExtension } from '../policy/decide-extension.ts';
import type { Policy } from '../policy/policy.ts';
import { newGrantId } from '../token.ts';
import { type AccessRequest, type RequestForm, submitted } from './access-request.ts';
import { aftercareOf, type Circumstances } from './ask.ts';
import { ReviewRefused } from './review-request.ts';

export interface ExtensionWish {
  /** The request that the grant has come of. */
  readonly request: AccessRequest;
  /** As it stands. */
  readonly grant: Grant;
  /** Who asks, with the teams and roles that they have now. */
  readonly principal: Pick<RequestForm['principal'], 'id' | 'teams' | 'roles'>;
  /** How much later it is to end, ms. */
  readonly ttl: number;
  readonly reason: string;
  readonly ticket: string | null;
  readonly address: string | null;
}

/** What becomes of it by the policy; nothing is kept yet. Throws ReviewRefused for what is not theirs, or over. */
export function askExtension(
  policy: Policy,
  { request, grant, principal, ttl, reason, ticket, address }: ExtensionWish,
  { onCall, triage, now }: Circumstances,
): AccessRequest {
  if (request.state.kind !== 'approved' || request.state.grant !== grant.id)
    throw new ReviewRefused('no grant has come of it');
  if (principal.id !== request.principal.id) throw new ReviewRefused('only who holds the grant extends it');
  const end = Date.parse(grant.expiresAt);
  if (now >= end) throw new ReviewRefused('its grant is over; ask for a new one');
  const until = end + ttl;
  if (!(ttl >= MIN_TTL && until - Date.parse(grant.issuedAt) <= MAX_TTL))
    throw new ReviewRefused('a grant lives on for a second at least, and for 366 days in all');
  const { emergency, database } = request;
  const asking = { ...request.principal, teams: principal.teams, roles: principal.roles };
  const { scope, limits } = grant;
  const form = {
    ...{ principal: asking, database, reason, ticket, emergency, address },
    terms: { scope, limits, ttl: until - now },
  };
  const circumstances = { principal: asking, ticket, emergency, address, onCall, triage, at: now };
  const decision = decideExtension(policy, { ...circumstances, until }, grant);
  const made = submitted(newGrantId(), form, decision, {
    ...{ triage, grant: grant.id, now },
    ...aftercareOf(policy, form),
    extension: { request: request.id, grant: grant.id, until: new Date(until).toISOString() },
  });
  return pendingUntil(made, end);
}

/** Nobody needs to decide on more time for what is over. */
function pendingUntil(request: AccessRequest, end: number): AccessRequest {
  const { state } = request;
  if (state.kind !== 'pending' || Date.parse(state.expiresAt) <= end) return request;
  return { ...request, state: { ...state, expiresAt: new Date(end).toISOString() } };
}
