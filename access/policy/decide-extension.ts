/** Whether a grant may end later: by the same policy as a new one, with the whole of its life as what is asked. */
import { isDeepStrictEqual } from 'node:util';
import type { Scope } from '../../guardrails/types.ts';
import type { Grant } from '../grant.ts';
import { decideRequest } from './decide-request.ts';
import { DEFAULT_REVIEW } from './defaults.ts';
import { allowedBy, excludedBy } from './narrow-scope.ts';
import type { Policy, PolicyDecision, PolicyOutcome, PolicyRequest } from './policy.ts';

/** The request as far as the grant does not say it; `until`: the end that is asked for, Unix time in ms. */
export type ExtensionAsked = Omit<PolicyRequest, 'scope' | 'limits' | 'ttl' | 'database'> & {
  readonly until: number;
};

/**
 * `terms.ttl` is how long the grant lives from the decision on, or from its approval. INVARIANT: without a person, a grant
 * lives no longer, extensions and all, than the cap of a rule that covers it; one that people have approved is extended by
 * people only, each time for as long as the cap from their approval on. What it allows stays what it is.
 */
export function decideExtension(
  policy: Policy,
  { until, ...asked }: ExtensionAsked,
  grant: Grant,
): PolicyDecision {
  const { scope, limits, database } = grant;
  const issuedAt = Date.parse(grant.issuedAt);
  const request = { ...asked, database, scope, limits, ttl: until - issuedAt };
  const decision = decideRequest(policy, request);
  if (decision.outcome === 'deny') return decision;
  const { rule, revision } = decision;
  return { rule, revision, ...outcomeOf(decision, { until, now: asked.at, issuedAt, grant }) };
}

interface Extending {
  readonly until: number;
  readonly now: number;
  readonly issuedAt: number;
  readonly grant: Grant;
}

function outcomeOf(
  decision: Exclude<PolicyOutcome, { readonly outcome: 'deny' }>,
  { until, now, issuedAt, grant }: Extending,
): PolicyOutcome {
  const { scope, limits } = grant;
  const { terms } = decision;
  if (!isCovered(scope, terms.scope) || !isDeepStrictEqual(terms.limits, limits))
    return { outcome: 'deny', reason: COVERS_LESS, notes: decision.notes };
  const end = Math.min(until, issuedAt + terms.ttl);
  const isByPeople = grant.approvedBy.length > 0;
  if (decision.outcome === 'auto_approve' && !isByPeople && end > Date.parse(grant.expiresAt))
    return { ...decision, terms: { scope, limits, ttl: end - now } };
  const lives = { scope, limits, ttl: Math.min(until - now, terms.ttl) };
  if (decision.outcome === 'review') return { ...decision, cap: lives, terms: lives };
  const why = isByPeople ? 'people have approved it, and decide again' : 'the rule gives no more by itself';
  return {
    outcome: 'review',
    review: DEFAULT_REVIEW,
    ...{ cap: lives, terms: lives },
    notes: [why, ...decision.notes],
  };
}

const COVERS_LESS = 'The policy covers less by now than this grant allows. Ask for a new one.';

/** Pattern by pattern; `cap` is never wider, so that the two then mean the same. */
function isCovered(scope: Scope, cap: Scope): boolean {
  const actions = new Set(scope.flatMap((line) => line.actions));
  return [...actions].every((action) => {
    const allowed = allowedBy(cap, action);
    const excluded = excludedBy(scope, action);
    return (
      excludedBy(cap, action).every((text) => excluded.includes(text)) &&
      allowedBy(scope, action).every(({ text, followed }) =>
        allowed.some((each) => each.text === text && (followed || !each.followed)),
      )
    );
  });
}
