import { DEFAULT_REVIEW } from './defaults.ts';
import type { PolicyDecision, Review } from './policy.ts';
import { within } from './within-cap.ts';

/**
 * The decision, as far as `bound` goes with it. Rules can ask for a low risk: a higher one must not lead to another rule that
 * gives more.
 */
export function noMoreThan(decision: PolicyDecision, bound: PolicyDecision): PolicyDecision {
  if (decision.rule === bound.rule || decision.outcome === 'deny') return decision;
  if (bound.outcome === 'deny' || (bound.outcome === 'review' && decision.outcome === 'auto_approve'))
    return bound;
  const { terms, notes } = within(decision.terms, bound.terms);
  const shared = { ...decision, terms, notes: [...decision.notes, ...notes] };
  if (shared.outcome === 'auto_approve' && terms.scope.length > 0) return shared;
  const review = reviewOf(decision);
  return {
    ...shared,
    outcome: 'review',
    review: bound.outcome === 'review' ? stricter(review, bound.review) : review,
    ...(terms.scope.length > 0 ? { terms, cap: terms } : { terms: bound.terms, cap: bound.terms }),
  };
}

const reviewOf = (decision: PolicyDecision): Review =>
  decision.outcome === 'review' ? decision.review : DEFAULT_REVIEW;

/** Whom the bound names decides, where both name somebody. */
const stricter = (review: Review, bound: Review): Review => ({
  groups: bound.groups.length > 0 ? bound.groups : review.groups,
  approvals: Math.max(review.approvals, bound.approvals),
  expires: Math.min(review.expires, bound.expires),
});
