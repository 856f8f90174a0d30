/** The trail as the spool of one node has it: for a machine without a store. Of sessions, alarms and counts its last part. */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SpooledEvent } from './events.ts';
import { type EventFilter, matches } from './filter.ts';
import { keysetPage } from './keyset-page.ts';
import { riskOf } from './search-terms.ts';
import { listSegments, listStreams, segmentName, streamDirectory } from './segments.ts';
import type { SessionTimeline } from './session-timeline.ts';
import { type Place, SpoolIndex } from './spool-index.ts';
import { type Positions, searchSpool } from './spool-search.ts';
import { statementsOf } from './spool-session.ts';
import { tallyOf } from './spool-tally.ts';
import { timelineOf } from './spool-timeline.ts';
import { compare } from './spool-walk.ts';
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
} from './trail-source.ts';

/** ms between looks at what has come. */
const POLL = 200;
/** Pages that can be gone on from. */
const MOST_RESTS = 1_000;
const DAY = 24 * 60 * 60 * 1000;

export class SpoolSource implements TrailSource {
  readonly #spool: string;
  readonly #index: SpoolIndex;
  readonly #closed = new AbortController();
  /** What is left of searches, by cursor. */
  readonly #rests = new Map<string, Positions>();

  /** `spool`: its directory, read when it is asked. `segments` of each stream are indexed; all are searched. */
  constructor(spool: string, segments?: number) {
    this.#spool = spool;
    this.#index = new SpoolIndex(spool, segments);
  }

  async events(search: EventSearch): Promise<Page<SpooledEvent>> {
    const { cursor, ...question } = search;
    const before = cursor === undefined ? null : this.#rests.get(cursor);
    if (before === undefined) throw new RangeError('the cursor is not one of this trail, or no longer');
    await this.#index.catchUp();
    const { items, rest } = await searchSpool(this.#index.streams, question, before);
    return { items, next: rest && this.#keep(rest) };
  }

  async sessions(search: SessionSearch): Promise<Page<TrailSession>> {
    await this.#index.catchUp();
    const wanted = [...this.#index.sessions.values()].filter((session) => isWanted(session, search));
    return keysetPage(wanted, ({ startedAt, session }) => [-Date.parse(startedAt), session], search);
  }

  async sessionsById(ids: readonly string[]): Promise<readonly TrailSession[]> {
    await this.#index.catchUp();
    return ids.flatMap((id) => this.#index.sessions.get(id) ?? []);
  }

  async statements(session: string, from: number, limit: number): Promise<readonly TrailStatement[]> {
    await this.#index.catchUp();
    return await statementsOf(this.#index, session, from, limit);
  }

  async timeline(session: string, columns: number): Promise<SessionTimeline | null> {
    await this.#index.catchUp();
    return await timelineOf(this.#index, session, columns);
  }

  async alarms(search: AlarmSearch): Promise<Page<Alarm>> {
    await this.#index.catchUp();
    const wanted = this.#index.alarms.filter(
      ({ flag, verdict }) =>
        (verdict === null) === (search.state === 'open') &&
        flag.principal === (search.principal ?? flag.principal) &&
        flag.database === (search.database ?? flag.database),
    );
    return keysetPage(wanted, search.state === 'open' ? urgency : recency, search);
  }

  async alarm(id: string): Promise<Alarm | null> {
    await this.#index.catchUp();
    return this.#index.alarm(id);
  }

  async tally(request: TallyRequest): Promise<readonly Tally[]> {
    await this.#index.catchUp();
    return tallyOf(this.#index, request);
  }

  async *follow(filter: EventFilter, signal: AbortSignal): AsyncGenerator<SpooledEvent> {
    const over = AbortSignal.any([signal, this.#closed.signal]);
    const ends = endsOf(this.#spool);
    const come: SpooledEvent[] = [];
    const stop = this.#index.listen((event, stream, place) => {
      const end = ends.get(stream);
      if ((end === undefined || compare(place, end) >= 0) && matches(event, filter)) come.push(event);
    });
    try {
      while (!over.aborted) {
        await this.#index.catchUp();
        while (come.length > 0 && !over.aborted) yield come.shift() as SpooledEvent;
        await sleep(POLL, undefined, { signal: over }).catch(() => undefined);
      }
    } finally {
      stop();
    }
  }

  async knownSince(): Promise<string | null> {
    await this.#index.catchUp();
    const { since } = this.#index;
    return since === null || !Number.isFinite(since) ? null : new Date(since).toISOString();
  }

  async close(): Promise<void> {
    this.#closed.abort();
  }

  /** There may be hundreds of streams, one of each command that was run: too long for a cursor. */
  #keep(rest: Positions): string {
    const cursor = randomBytes(12).toString('hex');
    this.#rests.set(cursor, rest);
    const [oldest] = this.#rests.keys();
    if (this.#rests.size > MOST_RESTS && oldest !== undefined) this.#rests.delete(oldest);
    return cursor;
  }
}

function isWanted(session: TrailSession, { principal, database, grant, from, to }: SessionSearch): boolean {
  const at = Date.parse(session.startedAt);
  return (
    session.principal === (principal ?? session.principal) &&
    session.database === (database ?? session.database) &&
    session.grant === (grant ?? session.grant) &&
    (from === undefined || at >= from) &&
    (to === undefined || at < to)
  );
}

/** The oldest day first, of a day the riskiest. */
function urgency({ flag }: Alarm): readonly (number | string)[] {
  const at = Date.parse(flag.at);
  return [Math.floor(at / DAY), -(riskOf(flag) ?? 0), at, flag.alarm];
}

const recency = ({ flag, verdict }: Alarm): readonly (number | string)[] => [
  -Date.parse(verdict?.at ?? flag.at),
  flag.alarm,
];

/** Where each stream ends now. */
function endsOf(spool: string): ReadonlyMap<string, Place> {
  return new Map(
    listStreams(spool).map((stream) => {
      const directory = streamDirectory(spool, stream);
      const segment = listSegments(directory).at(-1) ?? 0;
      const { size } = statSync(join(directory, segmentName(segment)), { throwIfNoEntry: false }) ?? {
        size: 0,
      };
      return [`${stream.node}/${stream.stream}`, { segment, offset: size }] as const;
    }),
  );
}
