/** What reviewers may do with a held statement. Pure: the store makes it so, or finds that it was too late. */
import type { Reviewer } from '../requests/access-request.ts';
import { isSamePerson, ReviewRefused } from '../requests/review-request.ts';
import { type Held, heldAsOf } from './held.ts';

/** It may run once, as it is. Throws ReviewRefused. */
export function holdApproved(held: Held, by: Reviewer, comment: string, now: number): Held {
  checkReviewable(held, by, now);
  return { ...held, state: { kind: 'approved', at: new Date(now).toISOString(), by: by.id, comment } };
}

/** Throws ReviewRefused. */
export function holdDenied(held: Held, by: Reviewer, reason: string, now: number): Held {
  checkReviewable(held, by, now);
  return { ...held, state: { kind: 'denied', at: new Date(now).toISOString(), by: by.id, reason } };
}

/** INVARIANT: by nobody whose statement it is, nor whose agent's, nobody outside of its groups, and in its time. */
function checkReviewable(held: Held, by: Reviewer, now: number): void {
  const { state, principal, groups } = heldAsOf(held, now);
  if (state.kind !== 'pending') throw new ReviewRefused(`it is ${state.kind} already`);
  if (isSamePerson(principal, by)) throw new ReviewRefused('nobody decides on their own statement');
  if (groups.length > 0 && !groups.some((group) => by.groups.includes(group)))
    throw new ReviewRefused(`only members of ${groups.join(', ')} decide on it`);
}
