/** The end of the trail, as store and spool have it together: see whole-trail.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { SpooledEvent } from '../events.ts';
import { type EventFilter, matches } from '../filter.ts';
import { mergeByTime } from '../merge-by-time.ts';
import { collect, iterate, lastOf, type TailOptions, tail, wanted } from '../reader.ts';
import { listStreams, type StreamName, streamDirectory } from '../segments.ts';
import { StreamReader } from '../stream-reader.ts';
import { searchEvents } from './event-search.ts';
import { eventsSince, type Heads } from './events-since.ts';
import { restPlace } from './resync.ts';
import { type StoredStream, storedStreams } from './shipment.ts';
import { storePool } from './store-target.ts';
import { nameOf, outOfReach, type TrailPlaces } from './whole-trail.ts';

/** Between looks at the spool, and at the store, which has others' events, ms. */
const POLL = 200;
const LOOK = 1_000;
/** Of a query, ms. */
const TIMEOUT = 60_000;
/** Events that are asked for at once. */
const PART = 1_000;

/**
 * The last matching events by time, oldest first, and then, if wanted, those that come: of this node as they are written,
 * of others as they are shipped. A store that is lost meanwhile is waited for.
 * @throws Error when the store can't be read to begin with
 */
export async function* tailTrail(
  { spool, store }: TrailPlaces,
  options: TailOptions,
): AsyncGenerator<SpooledEvent> {
  if (store === null) {
    yield* tail(spool ?? '', options);
    return;
  }
  const pool = storePool(store, 'postern audit', TIMEOUT, 1);
  try {
    const streams = await storedStreams(pool).catch(outOfReach);
    yield* tailOf(pool, await LocalRests.open(pool, spool, streams), streams, options);
  } finally {
    await pool.end();
  }
}

async function* tailOf(
  pool: pg.Pool,
  local: LocalRests,
  streams: readonly StoredStream[],
  { count, filter = {}, follow }: TailOptions,
): AsyncGenerator<SpooledEvent> {
  const stored = await newest(pool, filter, count);
  // What is shipped between two looks is in both.
  const shown = new Set(stored.map(({ hash }) => hash));
  const fresh = (event: SpooledEvent) => !shown.has(event.hash);
  const latest = lastOf((await collect(wanted(local.events(), filter))).filter(fresh), count);
  const both = [stored, latest].map((events) => ({ events: iterate(events) }));
  yield* lastOf(await collect(mergeByTime(both)), count);
  const heads: Heads = new Map(streams.map(({ id, head }) => [id, head.seq]));
  for (let lookAt = 0; follow?.aborted === false; ) {
    await sleep(POLL, undefined, { signal: follow }).catch(() => {});
    yield* wanted(local.events(), filter);
    if (Date.now() < lookAt) continue;
    lookAt = Date.now() + LOOK;
    const come = await eventsSince(pool, heads, () => local.others());
    yield* come.filter((event) => fresh(event) && matches(event, filter));
  }
}

/** The oldest first. */
async function newest(pool: pg.Pool, filter: EventFilter, count: number): Promise<readonly SpooledEvent[]> {
  const found: SpooledEvent[] = [];
  let cursor: string | null | undefined;
  while (found.length < count && cursor !== null) {
    const limit = Math.min(PART, count - found.length);
    const page = await searchEvents(pool, { ...filter, limit, order: 'newest', ...(cursor && { cursor }) });
    found.push(...page.items);
    cursor = page.next;
  }
  return found.reverse();
}

/** Behind what the store had at one moment, what the streams of a spool have; new streams are taken in. */
class LocalRests {
  readonly #spool: string | null;
  readonly #readers = new Map<string, StreamReader>();

  static async open(
    pool: pg.Pool,
    spool: string | null,
    streams: readonly StoredStream[],
  ): Promise<LocalRests> {
    const rests = new LocalRests(spool);
    const last = new Map(streams.map((stream) => [nameOf(stream.name), stream]));
    for (const name of rests.#names()) {
      const stored = last.get(nameOf(name));
      if (stored === undefined) continue;
      const directory = streamDirectory(spool ?? '', name);
      const { segment, bytes } = await restPlace(pool, stored, directory);
      rests.#readers.set(nameOf(name), new StreamReader(directory, segment, bytes));
    }
    return rests;
  }

  private constructor(spool: string | null) {
    this.#spool = spool;
  }

  /** Those that have come since the last call. */
  events(): AsyncGenerator<SpooledEvent> {
    this.#look();
    return mergeByTime([...this.#readers.values()].map((reader) => ({ events: reader.events() })));
  }

  /** Which streams are none of the spool. */
  others(): (name: StreamName) => boolean {
    this.#look();
    return (name) => !this.#readers.has(nameOf(name));
  }

  #look(): void {
    for (const name of this.#names()) {
      if (!this.#readers.has(nameOf(name)))
        this.#readers.set(nameOf(name), new StreamReader(streamDirectory(this.#spool ?? '', name)));
    }
  }

  #names(): readonly StreamName[] {
    return this.#spool === null ? [] : listStreams(this.#spool);
  }
}
