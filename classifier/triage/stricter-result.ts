import { DECISIONS, RISKS, type TriageResult } from './request.ts';

/**
 * What two models make of one request. INVARIANT: in nothing more lenient than either, so that a model which is plugged in
 * can only lower what the built-in one would have left to the policy.
 */
export function stricterResult(one: TriageResult, other: TriageResult): TriageResult {
  const decision = later(DECISIONS, one.decision, other.decision);
  const deciding = [one, other].filter((each) => each.decision === decision);
  return {
    intents: other.intents,
    actions: one.actions.filter((action) => other.actions.includes(action)),
    scope: one.scope.filter((name) => other.scope.includes(name)),
    ttlMinutes: Math.min(one.ttlMinutes, other.ttlMinutes),
    risk: later(RISKS, one.risk, other.risk),
    riskScore: Math.max(one.riskScore, other.riskScore),
    confidence: Math.min(one.confidence, other.confidence),
    suspicious: one.suspicious || other.suspicious,
    doubtful: one.doubtful || other.doubtful,
    decision,
    reasons: [...new Set(deciding.flatMap(({ reasons }) => reasons))],
  };
}

const later = <T>(order: readonly T[], one: T, other: T): T =>
  order.indexOf(one) > order.indexOf(other) ? one : other;
