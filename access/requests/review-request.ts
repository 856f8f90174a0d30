/** What reviewers and requesters may do with a request. Pure: the store makes it so, or finds that it was too late. */
import { isDeepStrictEqual } from 'node:util';
import { MIN_TTL } from '../grant-store.ts';
import { beyond } from '../policy/narrow-scope.ts';
import type { Cap } from '../policy/policy.ts';
import { within } from '../policy/within-cap.ts';
import { type AccessRequest, asOf, type Pending, type Reviewer } from './access-request.ts';

/** Why something can't be done with a request, for whoever tried it. */
export class ReviewRefused extends Error {
  override name = 'ReviewRefused';
}

export interface ApprovalWish {
  readonly comment: string;
  /** Less than what is to be granted; null: no less. */
  readonly narrowed: Pick<Cap, 'scope' | 'ttl'> | null;
  /** The id that the grant will have, if this approval is the last that is needed. */
  readonly grant: string;
}

/**
 * With one approval more; approved if no other is needed. INVARIANT: by nobody who asked, nobody twice, nobody outside of
 * the groups of its rule, and never for more than was to be granted before. Throws ReviewRefused.
 */
export function approved(
  request: AccessRequest,
  by: Reviewer,
  { comment, narrowed, grant }: ApprovalWish,
  now: number,
): AccessRequest {
  const pending = reviewable(request, by, now);
  if (pending.approvals.some((each) => isSamePerson({ ...each, id: each.by }, by)))
    throw new ReviewRefused('you have approved it already');
  const terms = narrowed === null ? pending.terms : lessThan(request, pending.terms, narrowed);
  const at = new Date(now).toISOString();
  const approvals = [...pending.approvals, { by: by.id, ...actsFor(by), at, comment }];
  if (approvals.length < pending.review.approvals)
    return { ...request, state: { ...pending, terms, approvals } };
  const granted = request.extension?.grant ?? grant;
  return { ...request, state: { kind: 'approved', at, grant: granted, terms, approvals } };
}

/** Throws ReviewRefused. */
export function denied(request: AccessRequest, by: Reviewer, reason: string, now: number): AccessRequest {
  reviewable(request, by, now);
  return { ...request, state: { kind: 'denied', at: new Date(now).toISOString(), by: by.id, reason } };
}

/** By whoever asked. Throws ReviewRefused. */
export function withdrawn(request: AccessRequest, by: string, now: number): AccessRequest {
  if (by !== request.principal.id) throw new ReviewRefused('only who asked can withdraw it');
  pendingOf(request, now);
  return { ...request, state: { kind: 'withdrawn', at: new Date(now).toISOString() } };
}

interface Actor {
  readonly id: string;
  readonly actsFor?: string;
}

/** One and the same, or one's agent, or agents of one. */
export function isSamePerson(one: Actor, other: Actor): boolean {
  const people = [other.id, other.actsFor];
  return [one.id, one.actsFor].some((id) => id !== undefined && people.includes(id));
}

const actsFor = (by: Reviewer) => (by.actsFor === undefined ? {} : { actsFor: by.actsFor });

function reviewable(request: AccessRequest, by: Reviewer, now: number): Pending {
  const pending = pendingOf(request, now);
  if (isSamePerson(request.principal, by)) throw new ReviewRefused('nobody decides on their own request');
  const { groups } = pending.review;
  if (groups.length > 0 && !groups.some((group) => by.groups.includes(group)))
    throw new ReviewRefused(`only members of ${groups.join(', ')} decide on it`);
  return pending;
}

function pendingOf(request: AccessRequest, now: number): Pending {
  const { state } = asOf(request, now);
  if (state.kind !== 'pending') throw new ReviewRefused(`it is ${state.kind} already`);
  return state;
}

function lessThan({ extension }: AccessRequest, terms: Cap, narrowed: Pick<Cap, 'scope' | 'ttl'>): Cap {
  const more = beyond(narrowed.scope, terms.scope);
  if (more.length > 0) throw new ReviewRefused(`that is more than it would grant: ${more.join(', ')}`);
  if (narrowed.ttl > terms.ttl) throw new ReviewRefused('that is longer than it would grant');
  if (!(narrowed.ttl >= MIN_TTL)) throw new ReviewRefused('a grant lives for a second at least');
  if (narrowed.scope.length === 0) throw new ReviewRefused('that is nothing; deny it instead');
  if (extension === undefined) return within({ ...terms, ...narrowed }, terms).terms;
  if (!isDeepStrictEqual(narrowed.scope, terms.scope))
    throw new ReviewRefused('more time leaves the scope of a grant as it is; deny it to have less asked for');
  return { ...terms, ttl: narrowed.ttl };
}
