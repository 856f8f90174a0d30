import type { TriageExample } from '../../../classifier/triage/examples.ts';
import type { RiskLevel, TriageDecision } from '../../../classifier/triage/request.ts';
import type { Triage } from '../../../classifier/triage/triage.ts';
import { formOf } from '../../../classifier/triage/triage-challenger.ts';
import type { TrailRequest } from './trail-requests.ts';

/**
 * What reviewers have to teach. That something was approved does not make it routine where rules object to it; what it is
 * for, and needs, nobody has said: there the champion's own word stays.
 */
export function decidedExamples(
  requests: readonly TrailRequest[],
  champion: Triage,
): readonly TriageExample[] {
  return requests.flatMap(({ id, request, verdict }): readonly TriageExample[] => {
    if (verdict === 'policy') return [];
    const { intents, actions, scope, decision, risk } = champion.triage(request);
    const [taught, level] = lessonOf(verdict, { decision, risk });
    return [
      {
        id,
        language: 'trail',
        group: formOf(request.text),
        request,
        intents,
        actions,
        scope,
        risk: level,
        decision: taught,
      },
    ];
  });
}

function lessonOf(
  verdict: Exclude<TrailRequest['verdict'], 'policy'>,
  said: { readonly decision: TriageDecision; readonly risk: RiskLevel },
): readonly [TriageDecision, RiskLevel] {
  switch (verdict) {
    case 'denied':
      return ['deny', 'high'];
    case 'narrowed':
      return ['needs_review', said.risk === 'low' ? 'medium' : said.risk];
    case 'approved':
      return said.decision === 'deny'
        ? ['needs_review', 'medium']
        : [said.decision, said.risk === 'high' ? 'medium' : said.risk];
    default:
      return verdict satisfies never;
  }
}
