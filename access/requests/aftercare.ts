/** Emergencies are reviewed afterwards: whoever breaks the glass has somebody look at it. */
import type { AccessRequest, Reviewer } from './access-request.ts';
import { isSamePerson, ReviewRefused } from './review-request.ts';

/** What is owed once a request for an emergency is approved. */
export interface Aftercare {
  /** Whose members may conclude it; none: whoever is a reviewer. */
  readonly groups: readonly string[];
  /** ms from the approval. */
  readonly within: number;
  /** null: still owed. */
  readonly finding: Finding | null;
}

export interface Finding {
  readonly by: string;
  readonly at: string;
  readonly finding: 'justified' | 'unjustified';
  readonly comment: string;
}

/** Until when somebody has to look at it, Unix ms; null: nobody has to. */
export function reviewDue({ state, aftercare }: AccessRequest): number | null {
  if (aftercare === undefined || aftercare.finding !== null || state.kind !== 'approved') return null;
  return Date.parse(state.at) + aftercare.within;
}

/** With what a reviewer has found. INVARIANT: by nobody who asked, nor for whom they act. Throws ReviewRefused. */
export function concluded(
  request: AccessRequest,
  by: Reviewer,
  { finding, comment }: Pick<Finding, 'finding' | 'comment'>,
  now: number,
): AccessRequest {
  const { aftercare, principal } = request;
  if (aftercare === undefined) throw new ReviewRefused('it is no emergency, and needs no review');
  if (aftercare.finding !== null) throw new ReviewRefused(`${aftercare.finding.by} has reviewed it already`);
  if (reviewDue(request) === null)
    throw new ReviewRefused(`nothing has come of it: it is ${request.state.kind}`);
  if (isSamePerson(principal, by)) throw new ReviewRefused('nobody reviews their own emergency');
  if (aftercare.groups.length > 0 && !aftercare.groups.some((group) => by.groups.includes(group)))
    throw new ReviewRefused(`only members of ${aftercare.groups.join(', ')} review it`);
  const found: Finding = { by: by.id, at: new Date(now).toISOString(), finding, comment };
  return { ...request, aftercare: { ...aftercare, finding: found } };
}
