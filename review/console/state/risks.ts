/** Scores of the alarms that came since the page was opened, by session. */
import { type Signal, signal } from '@preact/signals';
import { on } from './stream.ts';

/** Of one session, the last. */
const MOST = 40;

const scores = new Map<string, Signal<readonly number[]>>();

/** The oldest first. */
export function risksOf(session: string): Signal<readonly number[]> {
  const known = scores.get(session) ?? signal<readonly number[]>([]);
  scores.set(session, known);
  return known;
}

on('event', ({ event }) => {
  if (event.type !== 'risk.flag') return;
  const score = event.cause === 'session' ? event.sessionScore : event.score;
  if (score === null) return;
  const known = risksOf(event.session);
  known.value = [...known.peek(), score].slice(-MOST);
});

on('session.closed', ({ session }) => void scores.delete(session));
