import type { SpooledEvent } from './events.ts';
import { riskOf } from './search-terms.ts';
import type { TrailSession } from './trail-source.ts';

/**
 * What a session has come to with one more of its events, in the order of its stream; null: it has not begun. While it
 * is open its events are counted; its end says it itself.
 */
export function foldSession(session: TrailSession | null, event: SpooledEvent): TrailSession | null {
  if (event.type === 'session.start') return begun(event);
  if (session === null) return null;
  switch (event.type) {
    case 'statement':
      return {
        ...session,
        statements: session.statements + 1,
        denied: session.denied + (event.decision === 'deny' || event.decision === 'hold' ? 1 : 0),
      };
    case 'statement.end':
      return { ...session, rows: session.rows + event.rows, bytes: session.bytes + event.bytes };
    case 'risk.flag': {
      const risk = riskOf(event);
      const highest = risk === null ? session.risk : Math.max(risk, session.risk ?? 0);
      return { ...session, alarms: session.alarms + 1, risk: highest };
    }
    case 'session.end': {
      const { statements, denied, rows, bytes } = event;
      const end = { endedAt: event.at, endReason: event.reason, endDetail: event.detail };
      return { ...session, ...end, statements, denied, rows, bytes };
    }
    default:
      return session;
  }
}

function begun(event: Extract<SpooledEvent, { readonly type: 'session.start' }>): TrailSession {
  const { session, grant, principal, database, client, application, node, at } = event;
  return {
    ...{ session, grant, principal, database, client, application, node, startedAt: at },
    ...{ endedAt: null, endReason: null, endDetail: null },
    ...{ statements: 0, denied: 0, rows: 0, bytes: 0, alarms: 0, risk: null },
  };
}
