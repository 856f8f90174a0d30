import type pg from 'pg';
import type { SpooledEvent } from '../events.ts';
import type { EventFilter } from '../filter.ts';
import type { SessionTimeline } from '../session-timeline.ts';
import type {
  Alarm,
  AlarmSearch,
  EventSearch,
  Page,
  SessionSearch,
  Tally,
  TallyRequest,
  TrailSession,
  TrailSource,
  TrailStatement,
} from '../trail-source.ts';
import { alarmById, searchAlarms } from './alarm-search.ts';
import { searchEvents } from './event-search.ts';
import { searchSessions, sessionsById, statementsOf } from './session-search.ts';
import { timelineOf } from './session-timeline.ts';
import { StoreFollower } from './store-follower.ts';
import { type StoreTarget, storePool } from './store-target.ts';
import { tally } from './tallies.ts';

/** Connections at most, and how long a query may take, ms. */
const CONNECTIONS = 6;
const TIMEOUT = 20_000;

/** The trail of all nodes, as far as it has been shipped. */
export class StoreSource implements TrailSource {
  readonly #pool: pg.Pool;
  readonly #follower: StoreFollower;

  constructor(target: StoreTarget) {
    this.#pool = storePool(target, 'postern review', TIMEOUT, CONNECTIONS);
    this.#follower = new StoreFollower(target, this.#pool);
  }

  events(search: EventSearch): Promise<Page<SpooledEvent>> {
    return asked(searchEvents(this.#pool, search));
  }

  sessions(search: SessionSearch): Promise<Page<TrailSession>> {
    return asked(searchSessions(this.#pool, search));
  }

  sessionsById(ids: readonly string[]): Promise<readonly TrailSession[]> {
    return asked(sessionsById(this.#pool, ids));
  }

  statements(session: string, from: number, limit: number): Promise<readonly TrailStatement[]> {
    return asked(statementsOf(this.#pool, session, from, limit));
  }

  timeline(session: string, columns: number): Promise<SessionTimeline | null> {
    return asked(timelineOf(this.#pool, session, columns));
  }

  alarms(search: AlarmSearch): Promise<Page<Alarm>> {
    return asked(searchAlarms(this.#pool, search));
  }

  alarm(id: string): Promise<Alarm | null> {
    return asked(alarmById(this.#pool, id));
  }

  tally(request: TallyRequest): Promise<readonly Tally[]> {
    return asked(tally(this.#pool, request));
  }

  follow(filter: EventFilter, signal: AbortSignal): AsyncGenerator<SpooledEvent> {
    return this.#follower.follow(filter, signal);
  }

  async knownSince(): Promise<null> {
    return null;
  }

  async close(): Promise<void> {
    await this.#follower.close();
    await this.#pool.end();
  }
}

/** A fault of the store is told as such; one of the question stays what it is. */
async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RangeError) throw error;
    const why = (error as Error).message || String(error);
    throw new Error(`the audit store can't be read: ${why}; postern doctor says what it lacks`, {
      cause: error,
    });
  }
}
