import type { AuditEvent } from '../../audit/events.ts';
import type { AccessRequest } from './access-request.ts';

/** What the trail keeps of a request's last change, by whom; null: it was asked. */
export function requestEvent(request: AccessRequest, by: string | null): AuditEvent {
  const { id, state } = request;
  if (by === null) return creation(request);
  switch (state.kind) {
    case 'denied':
      return { type: 'request.deny', request: id, by, reason: state.reason };
    case 'withdrawn':
      return { type: 'request.withdraw', request: id, by };
    case 'pending':
    case 'approved': {
      const { scope, ttl } = state.terms;
      const comment = state.approvals.at(-1)?.comment ?? '';
      const grant = state.kind === 'approved' ? state.grant : null;
      return { type: 'request.approve', request: id, by, comment, scope, ttl, grant };
    }
    case 'expired':
      throw new TypeError('nobody expires a request: its time does');
    default:
      return state satisfies never;
  }
}

function creation(request: AccessRequest): AuditEvent {
  const { id, principal, database, terms, reason, ticket, emergency, rule, revision, notes, state } = request;
  return {
    type: 'request.create',
    request: id,
    principal: principal.id,
    kind: principal.kind,
    actsFor: principal.actsFor ?? null,
    ...{ database, scope: terms.scope, ttl: terms.ttl, reason, ticket, emergency },
    outcome: state.kind === 'approved' || state.kind === 'denied' ? state.kind : 'pending',
    ...{ rule, revision, notes },
  };
}
