/** Who is connected, and what it comes to, looked at once a second while anybody wants to know. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionRegistry } from '../../access/session-registry.ts';
import type { SessionCounts, ShownSession, ShownSessions } from '../api/shown-sessions.ts';

export interface LiveSessionsParts {
  readonly registry: Pick<SessionRegistry, 'list'>;
  readonly shown: Pick<ShownSessions, 'open' | 'counts'>;
}

/** What has changed since the look before; by the first one, all of them are opened. */
export interface SessionChanges {
  readonly first: boolean;
  readonly opened: readonly ShownSession[];
  readonly counted: readonly { readonly session: ShownSession; readonly counts: SessionCounts }[];
  readonly closed: readonly ShownSession[];
}

/** ms between looks. */
const LOOK = 1_000;
const COUNTS = ['statements', 'denied', 'rows', 'bytes', 'alarms', 'risk'] as const;

export class LiveSessions {
  readonly #parts: LiveSessionsParts;
  #known: Map<string, ShownSession> | null = null;

  constructor(parts: LiveSessionsParts) {
    this.#parts = parts;
  }

  /** As of the last look; null: there was none. */
  get all(): readonly ShownSession[] | null {
    return this.#known && [...this.#known.values()];
  }

  /** Until `signal` aborts. A look that fails is left out: what is missed comes with the next. */
  async *follow(signal: AbortSignal): AsyncGenerator<SessionChanges> {
    while (!signal.aborted) {
      const changes = await this.look().catch(() => null);
      if (changes !== null && !signal.aborted) yield changes;
      await sleep(LOOK, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Rejects where the registry can't be read. */
  async look(): Promise<SessionChanges> {
    const { registry, shown } = this.#parts;
    const infos = await registry.list();
    const open = new Set(infos.map(({ session }) => session));
    const known = new Map(this.#known);
    const closed = [...known.values()].filter(({ session }) => !open.has(session));
    const fresh = infos.filter(({ session }) => !known.has(session));
    const stayed = [...known.values()].filter(({ session }) => open.has(session));
    const [opened, counts] = await Promise.all([
      shown.open(fresh),
      shown.counts(stayed.map(({ session }) => session)),
    ]);
    const counted = stayed.flatMap((session) => {
      const now = counts?.get(session.session);
      if (now === undefined || COUNTS.every((name) => session[name] === now[name])) return [];
      return [{ session: { ...session, ...now }, counts: now }];
    });
    for (const { session } of closed) known.delete(session);
    for (const session of opened.sessions) known.set(session.session, session);
    for (const { session } of counted) known.set(session.session, session);
    const first = this.#known === null;
    this.#known = known;
    return { first, opened: opened.sessions, counted, closed };
  }

  /** What is not looked at is not known. */
  forget(): void {
    this.#known = null;
  }
}
