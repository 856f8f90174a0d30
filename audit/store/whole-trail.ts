/** The trail as store and spool have it together: of all nodes, and of this one up to its last event. */
import type pg from 'pg';
import type { SpooledEvent } from '../events.ts';
import { type EventFilter, matches } from '../filter.ts';
import { mergeByTime, type TimedSource } from '../merge-by-time.ts';
import { readSpool, wanted } from '../reader.ts';
import { wantedTerms } from '../search-terms.ts';
import { listStreams, streamDirectory } from '../segments.ts';
import { StreamReader } from '../stream-reader.ts';
import { Conditions } from './conditions.ts';
import { restPlace } from './resync.ts';
import { type StoredStream, storedStreams } from './shipment.ts';
import { connectStore, type StoreTarget } from './store-target.ts';
import { storedLines } from './stored-lines.ts';

/** Where a trail is: in one of them, or in both. */
export interface TrailPlaces {
  /** Directory; null: there is none here. */
  readonly spool: string | null;
  /** null: the spool is all there is. */
  readonly store: StoreTarget | null;
}

/** Of a part of a stream, ms: it may be looked for in all of it. */
const TIMEOUT = 600_000;

/**
 * Every event once, in the order of time, of each stream in its own order: what the store has at one moment, and behind
 * it what only the spool has. @throws Error when the store can't be read, or a line of the spool is no event
 */
export async function* readTrail(
  { spool, store }: TrailPlaces,
  filter: EventFilter = {},
): AsyncGenerator<SpooledEvent> {
  if (store === null) {
    yield* readSpool(spool ?? '', filter);
    return;
  }
  const client = await connectStore(store, 'postern audit', TIMEOUT).catch(outOfReach);
  try {
    await client.query('begin isolation level repeatable read read only');
    yield* wanted(mergeByTime(await sourcesOf(client, spool, filter)), filter);
  } finally {
    await client.end();
  }
}

/** @throws Error that says what else there is to do */
export function outOfReach(cause: Error): never {
  const hint = "--spool DIR reads this node's spool by itself";
  throw new Error(`the audit store can't be reached: ${cause.message || cause.name}; ${hint}`, { cause });
}

async function sourcesOf(
  client: pg.Client,
  spool: string | null,
  filter: EventFilter,
): Promise<readonly TimedSource[]> {
  const streams = await storedStreams(client);
  const begins = await beginnings(client);
  const here = new Set(spool === null ? [] : listStreams(spool).map(nameOf));
  const last = new Map(streams.map((stream) => [nameOf(stream.name), stream]));
  const stored = streams.map((stream): TimedSource => {
    const rest = last.get(nameOf(stream.name)) === stream && here.has(nameOf(stream.name)) ? spool : null;
    return { events: streamEvents(client, stream, rest, filter), since: begins.get(stream.id) };
  });
  const unknown = spool === null ? [] : listStreams(spool).filter((name) => !last.has(nameOf(name)));
  const local = unknown.map((name) => new StreamReader(streamDirectory(spool ?? '', name)));
  return [...stored, ...local.map((reader) => ({ events: reader.events() }))];
}

export const nameOf = ({ node, stream }: StoredStream['name']): string => `${node}/${stream}`;

/** Of an incarnation: what the store has, and behind it what the spool has. */
async function* streamEvents(
  client: pg.Client,
  stored: StoredStream,
  spool: string | null,
  filter: EventFilter,
): AsyncGenerator<SpooledEvent> {
  for await (const { line } of storedLines(client, stored.id, conditionsOf(filter))) {
    const event = JSON.parse(line) as SpooledEvent;
    if (matches(event, filter)) yield event;
  }
  if (spool === null) return;
  const directory = streamDirectory(spool, stored.name);
  const { segment, bytes } = await restPlace(client, stored, directory);
  yield* new StreamReader(directory, segment, bytes).events();
}

/** Not less than a filter lets pass. */
function conditionsOf(filter: EventFilter): Conditions {
  const { from, to, types } = filter;
  const conditions = new Conditions()
    .where('at >= to_timestamp(?::float8 / 1000)', from)
    .where('at < to_timestamp(?::float8 / 1000)', to)
    .where('type = any(?::text[])', types);
  const terms = wantedTerms(filter);
  return terms.length === 0 ? conditions : conditions.add('terms @> ?::text[]', terms);
}

/** When the first event of each stream was, by its id. */
async function beginnings(client: pg.Client): Promise<ReadonlyMap<number, string>> {
  const { rows } = await client.query<{ id: number; time: string }>(
    `select id, to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as time
     from stream s, lateral (select at from event e where e.stream = s.id order by seq limit 1) as first`,
  );
  return new Map(rows.map(({ id, time }) => [id, time]));
}
