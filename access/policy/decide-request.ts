/** The outcome of an access request by the policy: pure, so that a decision can be had again from its parts. */
import { isNetworkWithin } from '../address-filter.ts';
import type { GrantLimits } from '../grant.ts';
import { unmet } from './conditions.ts';
import { beyond, narrowed } from './narrow-scope.ts';
import type { Cap, Outcome, Policy, PolicyDecision, PolicyOutcome, PolicyRequest, Review } from './policy.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Where no rule says more. */
export const DEFAULT_REVIEW: Review = { groups: [], approvals: 1, expires: DAY };
/** The most that a grant without a rule may be: a reviewer has meant all of it. */
export const DEFAULT_TTL = 8 * HOUR;

/**
 * INVARIANT: what is granted at once is within the rule's cap, whatever the triage says; a suspicious text is never
 * granted at once.
 */
export function decideRequest(policy: Policy, request: PolicyRequest): PolicyDecision {
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
          'the text looks like an attempt to influence the decision',
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
  return { outcome: 'review', review: rules, cap: most, terms, notes: [...why, ...notes] };
}

/** What is asked, as far as the cap allows it. */
export function within(
  asked: Pick<PolicyRequest, 'scope' | 'ttl' | 'limits'>,
  cap: Cap,
): { readonly terms: Cap; readonly notes: readonly string[] } {
  const more = beyond(asked.scope, cap.scope);
  const notes = [
    ...(more.length > 0 ? [`left out or narrowed: ${more.join(', ')}`] : []),
    ...(asked.ttl > cap.ttl ? [`shortened to ${Math.round(cap.ttl / 1000)} s`] : []),
  ];
  const terms = {
    scope: narrowed(asked.scope, cap.scope),
    ttl: Math.min(asked.ttl, cap.ttl),
    limits: smaller(asked.limits, cap.limits),
  };
  return { terms, notes };
}

const smaller = (asked: GrantLimits, cap: GrantLimits): GrantLimits => ({
  rowsPerStatement: least(asked.rowsPerStatement, cap.rowsPerStatement),
  rows: least(asked.rows, cap.rows),
  bytes: least(asked.bytes, cap.bytes),
  connections: least(asked.connections, cap.connections),
  logins: least(asked.logins, cap.logins),
  statements: least(asked.statements, cap.statements),
  from: commonNetworks(asked.from, cap.from),
});

/** Of the networks that are asked those within the cap's; without one, the cap's. null: any. */
const commonNetworks = (asked: GrantLimits['from'], cap: GrantLimits['from']): GrantLimits['from'] => {
  if (asked === null || cap === null) return asked ?? cap;
  const kept = asked.filter((network) => cap.some((outer) => isNetworkWithin(network, outer)));
  return kept.length > 0 ? kept : cap;
};

/** null: no limit. */
const least = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);
