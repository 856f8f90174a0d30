/**
 * The front of triage: what a request for access is for, the least that it needs, and how risky it is; synchronously, without
 * any I/O. Rules and the model each can only make the outcome stricter; what neither is sure of goes to review.
 */
import { inputOf } from './features.ts';
import { type Ground, groundsOf, isDoubtful, isSuspicious, LONGEST } from './grounds.ts';
import { type Reading, readingOf } from './reading.ts';
import {
  DECISIONS,
  INTENTS,
  type Intent,
  RISKS,
  type RiskLevel,
  type TriageDecision,
  type TriageRequest,
  type TriageResult,
} from './request.ts';
import { type Answers, answersOf, type TriageModel } from './triage-model.ts';

/** What a model says of a request. Another may take the place of the built-in one. */
export type AnswerRequest = (reading: Reading, grounds: readonly Ground[]) => Answers;

/** Least share of the model for granting at once, and for refusing what rules would send to review. */
const SURE = { autoApprove: 0.5, deny: 0.9 };
/** A second intent is named from this share on. */
const SECOND = 0.25;
/** Least risk scores of what is reviewed and refused. */
const LEAST_RISK = { auto_approve: 0, needs_review: 0.3, deny: 0.9 } as const;

export class Triage {
  readonly #answer: AnswerRequest;

  constructor(answer: AnswerRequest) {
    this.#answer = answer;
  }

  static of(model: TriageModel): Triage {
    return new Triage((reading, grounds) => answersOf(model, inputOf(reading, grounds)));
  }

  triage(request: TriageRequest): TriageResult {
    const reading = readingOf(request);
    const grounds = groundsOf(reading);
    const answers = this.#answer(reading, grounds);
    const share = (decision: TriageDecision) => answers.decision[DECISIONS.indexOf(decision)] ?? 0;
    const { decision, doubt } = decided(grounds, share);
    const riskScore = Math.max(
      LEAST_RISK[decision],
      0.5 * (answers.risk[RISKS.indexOf('medium')] ?? 0) + (answers.risk[RISKS.indexOf('high')] ?? 0),
    );
    return {
      intents: intentsOf(answers.intent),
      actions: reading.actions,
      scope: reading.scope,
      ttlMinutes: Math.min(request.requested.ttlMinutes, decision === 'auto_approve' ? LONGEST : Infinity),
      risk: riskOf(decision, answers.risk),
      riskScore: bounded(riskScore),
      confidence: bounded(share(decision)),
      suspicious: isSuspicious(reading),
      doubtful: isSuspicious(reading) || decision === 'deny' || isDoubtful(grounds),
      decision,
      reasons:
        grounds.length > 0
          ? [...new Set(grounds.map(({ reason }) => reason)), ...doubt]
          : doubt.length > 0
            ? doubt
            : [routine(reading)],
    };
  }
}

function decided(
  grounds: readonly Ground[],
  share: (decision: TriageDecision) => number,
): { readonly decision: TriageDecision; readonly doubt: readonly string[] } {
  const calls = grounds[0]?.calls;
  if (calls === 'deny') return { decision: 'deny', doubt: [] };
  if (calls === 'review' && share('deny') >= SURE.deny)
    return { decision: 'deny', doubt: ['requests like this one are refused'] };
  if (calls === 'review') return { decision: 'needs_review', doubt: [] };
  // NaN is not sure either.
  if (!(share('auto_approve') >= SURE.autoApprove))
    return { decision: 'needs_review', doubt: ['the model is not sure that this is routine'] };
  return { decision: 'auto_approve', doubt: [] };
}

const routine = ({ actions, scope }: Reading): string =>
  `routine: ${actions.join(', ')} on ${scope.join(', ')}, narrow and not personal`;

function intentsOf(shares: Float64Array): readonly Intent[] {
  const ordered = INTENTS.map((intent, index) => ({ intent, share: shares[index] ?? 0 })).sort(
    (a, b) => b.share - a.share,
  );
  return ordered
    .filter(({ share }, rank) => rank === 0 || (rank === 1 && share >= SECOND))
    .map(({ intent }) => intent);
}

function riskOf(decision: TriageDecision, shares: Float64Array): RiskLevel {
  if (decision === 'deny') return 'high';
  if (decision === 'auto_approve') return 'low';
  const most = Math.max(...shares);
  return RISKS.find((_, index) => shares[index] === most) ?? 'high';
}

const bounded = (value: number): number => (value >= 0 && value <= 1 ? value : value > 1 ? 1 : 0);
