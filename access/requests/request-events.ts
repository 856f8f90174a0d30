import type { AuditEvent } from '../../audit/events.ts';
import type { AccessRequest } from './access-request.ts';
import { reviewDue } from './aftercare.ts';
import type { TriageFinding } from './triage-finding.ts';

/** What the trail keeps of a step: a request is asked (`before`: null), or changed; `by`: null for time itself. */
export function requestEvents(
  before: AccessRequest | null,
  request: AccessRequest,
  by: string | null,
): readonly AuditEvent[] {
  const step = before === null ? creation(request) : change(before, request, by ?? '');
  const due = reviewDue(request);
  const begins = due !== null && (before === null || reviewDue(before) === null);
  return begins ? [step, emergency(request, due)] : [step];
}

function change(before: AccessRequest, { id, state, aftercare }: AccessRequest, by: string): AuditEvent {
  const found = aftercare?.finding ?? null;
  if (found !== null && before.aftercare?.finding === null) {
    const { finding, comment } = found;
    return { type: 'request.review', request: id, by, finding, comment };
  }
  switch (state.kind) {
    case 'denied':
      return { type: 'request.deny', request: id, by, reason: state.reason };
    case 'withdrawn':
      return { type: 'request.withdraw', request: id, by };
    case 'expired':
      return { type: 'request.expire', request: id };
    case 'pending':
    case 'approved': {
      const { scope, ttl } = state.terms;
      const comment = state.approvals.at(-1)?.comment ?? '';
      const grant = state.kind === 'approved' ? state.grant : null;
      return { type: 'request.approve', request: id, by, comment, scope, ttl, grant };
    }
    default:
      return state satisfies never;
  }
}

function creation(request: AccessRequest): AuditEvent {
  const { id, principal, database, terms, reason, ticket, rule, revision, notes, state } = request;
  return {
    type: 'request.create',
    request: id,
    principal: principal.id,
    kind: principal.kind,
    actsFor: principal.actsFor ?? null,
    ...{ database, scope: terms.scope, ttl: terms.ttl, reason, ticket, emergency: request.emergency },
    outcome: state.kind === 'approved' || state.kind === 'denied' ? state.kind : 'pending',
    ...{ rule, revision, notes },
    ...(request.extension && { extends: request.extension.grant }),
    ...(request.triage && { triage: toldOf(request.triage) }),
  };
}

const toldOf = ({ risk, confidence, suspicious, model }: TriageFinding) => ({
  risk,
  confidence,
  suspicious,
  model,
});

function emergency({ id, principal, database, state }: AccessRequest, due: number): AuditEvent {
  if (state.kind !== 'approved') throw new TypeError('an emergency begins with an approval');
  return {
    type: 'request.emergency',
    ...{ request: id, grant: state.grant, principal: principal.id, database },
    reviewBy: new Date(due).toISOString(),
  };
}
