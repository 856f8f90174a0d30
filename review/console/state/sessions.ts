/**
 * Open sessions: the list of them changes when one opens or closes; what each comes to is a signal of its own, so that
 * counting touches only the rows that are on the screen.
 */
import { batch, type Signal, signal } from '@preact/signals';
import type { Session } from '../api/answers.ts';
import { on } from './stream.ts';

export type LiveSession = Signal<Session>;

/** The oldest first. */
export const openSessions = signal<readonly LiveSession[]>([]);
/** Whether the list has come. */
export const sessionsLoaded = signal(false);

const known = new Map<string, LiveSession>();

on('sessions', ({ sessions }) =>
  batch(() => {
    const open = new Set(sessions.map(({ session }) => session));
    for (const id of known.keys()) if (!open.has(id)) known.delete(id);
    for (const session of sessions) keep(session);
    list();
    sessionsLoaded.value = true;
  }),
);

on('session.opened', ({ session }) =>
  batch(() => {
    keep(session);
    list();
  }),
);

on('session.counts', ({ counts }) =>
  batch(() => {
    for (const count of counts) {
      const session = known.get(count.session);
      if (session) session.value = { ...session.peek(), ...count };
    }
  }),
);

on('session.closed', ({ session }) => {
  if (known.delete(session)) list();
});

function keep(session: Session): void {
  const before = known.get(session.session);
  if (before) before.value = session;
  else known.set(session.session, signal(session));
}

function list(): void {
  openSessions.value = [...known.values()].sort((one, other) =>
    one.peek().since.localeCompare(other.peek().since),
  );
}
