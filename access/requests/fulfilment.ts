/** What comes of an approved request: a grant, or more time for one. */
import type { GrantStore } from '../grant-store.ts';
import { parseScramVerifier } from '../scram-verifier.ts';
import { type AccessRequest, endOf } from './access-request.ts';
import { type StoredRequest, TamperedRequestError } from './request-documents.ts';
import { ReviewRefused } from './review-request.ts';

/** ms after its approval within which a request's grant is made. */
const LATEST_GRANT = 60_000;

/**
 * INVARIANT: a grant, or more time for one, comes late by a minute at most, so that whoever takes the traces of a revoked one
 * out of Redis does not bring it back.
 */
export async function isFulfilled(grants: GrantStore, request: AccessRequest, now: number): Promise<boolean> {
  const { state, extension } = request;
  if (state.kind !== 'approved' || now - Date.parse(state.at) > LATEST_GRANT) return true;
  if (extension === undefined) return (await grants.getPast(state.grant)) !== null;
  const active = await grants.get(state.grant);
  return active === null || active.expiresAt >= (endOf(request) ?? 0);
}

/** The clock of the grant starts with its approval. An id is granted once: what was revoked does not come again. */
export async function fulfil(grants: GrantStore, { request, verifier }: StoredRequest): Promise<void> {
  const { state, principal, extension } = request;
  const until = endOf(request);
  if (state.kind !== 'approved' || until === null) return;
  const approvedBy = state.approvals.map(({ by }) => by);
  const by = approvedBy.length > 0 ? approvedBy.join(', ') : `policy ${request.revision}: ${request.rule}`;
  if (extension !== undefined) {
    await grants.extend(extension.grant, { until, request: request.id, approvedBy }, by);
    return;
  }
  const parsed = parseScramVerifier(verifier ?? '');
  if (parsed === null) throw new TamperedRequestError(request.id);
  const { scope, limits, ttl } = state.terms;
  const { id, teams, actsFor } = principal;
  await grants.issue(
    {
      ...{ scope, limits, approvedBy },
      principal: { id, teams, ...(actsFor !== undefined && { actsFor }) },
      ...{ database: request.database, reason: request.reason, ticket: request.ticket },
    },
    { id: state.grant, issuedAt: Date.parse(state.at), ttl, verifier: parsed },
    by,
  );
}

/** More time is for a grant that still stands. Throws ReviewRefused. */
export async function checkStands(
  grants: GrantStore,
  before: AccessRequest,
  { state, extension }: AccessRequest,
): Promise<void> {
  if (extension === undefined || before.state.kind !== 'pending' || state.kind !== 'approved') return;
  if ((await grants.get(extension.grant)) === null)
    throw new ReviewRefused(`grant ${extension.grant} is over; a new one has to be asked for`);
}
