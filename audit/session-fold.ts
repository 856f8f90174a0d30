import type { SpooledEvent } from './events.ts';
import { riskOf } from './search-terms.ts';
import { scoreOf } from './session-timeline.ts';
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
        scores: scored(session.scores, scoreOf(event)),
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

/** Scores that are kept: as many as a small chart shows. */
const MOST_SCORES = 20;

const scored = (scores: readonly number[], score: number | null): readonly number[] =>
  score === null ? scores : [...scores, Math.round(score * 1000) / 1000].slice(-MOST_SCORES);

function begun(event: Extract<SpooledEvent, { readonly type: 'session.start' }>): TrailSession {
  const { session, grant, principal, database, client, application, node, at } = event;
  return {
    ...{ session, grant, principal, database, client, application, node, startedAt: at },
    ...{ endedAt: null, endReason: null, endDetail: null },
    ...{ statements: 0, denied: 0, rows: 0, bytes: 0, alarms: 0, risk: null, scores: [] },
  };
}
