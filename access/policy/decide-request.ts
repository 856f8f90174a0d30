/** The outcome of an access request by the policy: pure, so that a decision can be had again from its parts. */
import { unmet } from './conditions.ts';
import { DEFAULT_REVIEW, DEFAULT_TTL } from './defaults.ts';
import { beyond } from './narrow-scope.ts';
import { noMoreThan } from './no-more-than.ts';
import type {
  Cap,
  Outcome,
  Policy,
  PolicyDecision,
  PolicyOutcome,
  PolicyRequest,
  Review,
  Triage,
} from './policy.ts';
import { within } from './within-cap.ts';

/**
 * INVARIANT: what is granted at once is within the rule's cap, and within what would be granted were the text beyond doubt,
 * whatever the triage says; a suspicious text is never granted at once.
 */
export function decideRequest(policy: Policy, request: PolicyRequest): PolicyDecision {
  const decision = firstMatch(policy, request);
  if (request.triage === null) return decision;
  return noMoreThan(decision, firstMatch(policy, { ...request, triage: BEYOND_DOUBT }));
}

const BEYOND_DOUBT: Triage = { risk: 0, confidence: 1, suspicious: false };

function firstMatch(policy: Policy, request: PolicyRequest): PolicyDecision {
  const rule = policy.rules.find((each) => unmet(each, request, policy.dataClasses) === null);
  const made = { rule: rule?.name ?? null, revision: policy.revision };
  if (rule === undefined) return { ...made, ...review(request, null, DEFAULT_REVIEW, ['no rule matches']) };
  return { ...made, ...outcomeOf(rule.outcome, request) };
}

function outcomeOf(outcome: Outcome, request: PolicyRequest): PolicyOutcome {
  switch (outcome.kind) {
    case 'deny':
      return { outcome: 'deny', reason: outcome.reason, notes: [] };
    case 'review':
      return review(request, outcome.cap, outcome.review, []);
    case 'auto_approve': {
      const more = beyond(request.scope, outcome.cap.scope);
      const { terms, notes } = within(request, outcome.cap);
      if (request.triage?.suspicious === true)
        return review(request, outcome.cap, DEFAULT_REVIEW, [
          'a person has to look at the text: triage says why',
        ]);
      if (terms.scope.length === 0 || (more.length > 0 && outcome.beyond === 'review'))
        return review(request, outcome.cap, DEFAULT_REVIEW, [
          `more than the rule grants at once: ${more.join(', ')}`,
        ]);
      return { outcome: 'auto_approve', terms, notes };
    }
    default:
      return outcome satisfies never;
  }
}

function review(
  request: PolicyRequest,
  cap: Cap | null,
  rules: Review,
  why: readonly string[],
): PolicyOutcome {
  const most = cap ?? { scope: request.scope, ttl: DEFAULT_TTL, limits: request.limits };
  const { terms, notes } = within(request, most);
  if (terms.scope.length === 0) return { outcome: 'deny', reason: NOTHING_LEFT, notes };
  return { outcome: 'review', review: rules, cap: most, terms, notes: [...why, ...notes] };
}

const NOTHING_LEFT = 'The rule for this grants nothing of what is asked, whoever approves it.';
