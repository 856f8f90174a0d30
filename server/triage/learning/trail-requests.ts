/** The access requests of a trail, as triage reads them, and what people made of them. */
import type { PrincipalKind } from '../../../access/policy/policy.ts';
import type { AuditEvent } from '../../../audit/events.ts';
import { readSpool } from '../../../audit/reader.ts';
import type { TriageRequest } from '../../../classifier/triage/request.ts';
import type { Scope } from '../../../guardrails/types.ts';
import { scopedRequest } from '../triage-form.ts';

export interface TrailRequest {
  readonly id: string;
  /** Unix ms. */
  readonly at: number;
  readonly request: TriageRequest;
  /** By people; `policy`: by nobody, or not yet. */
  readonly verdict: 'approved' | 'narrowed' | 'denied' | 'policy';
}

type Creation = Extract<AuditEvent, { type: 'request.create' }>;

/** Oldest first. Requests for more time say nothing new, and emergencies are decided afterwards. */
export async function trailRequests(spool: string): Promise<readonly TrailRequest[]> {
  const asked = new Map<string, TrailRequest & { readonly creation: Creation }>();
  const types = ['request.create', 'request.approve', 'request.deny'] as const;
  for await (const event of readSpool(spool, { types })) {
    if (event.type === 'request.create') {
      if (event.extends !== undefined || event.emergency) continue;
      const at = Date.parse(event.at);
      asked.set(event.request, {
        id: event.request,
        at,
        creation: event,
        request: requestOf(event),
        verdict: 'policy',
      });
    } else if (event.type === 'request.approve' || event.type === 'request.deny') {
      const found = asked.get(event.request);
      if (found !== undefined)
        asked.set(event.request, { ...found, verdict: verdictOf(found.creation, event) });
    }
  }
  return [...asked.values()].map(({ creation: _, ...request }) => request);
}

const requestOf = ({ principal, kind, scope, ttl, reason }: Creation): TriageRequest =>
  scopedRequest({
    principal: { id: principal, kind: kind as PrincipalKind, teams: [], roles: [] },
    ...{ reason, ttl },
    scope: scope as Scope, // written by us
  });

function verdictOf(
  { scope, ttl }: Creation,
  event: Extract<AuditEvent, { type: 'request.approve' | 'request.deny' }>,
): TrailRequest['verdict'] {
  if (event.type === 'request.deny') return 'denied';
  if (event.grant === null) return 'policy'; // others have to approve, too
  const isWhole = JSON.stringify(event.scope) === JSON.stringify(scope) && event.ttl >= ttl;
  return isWhole ? 'approved' : 'narrowed';
}
