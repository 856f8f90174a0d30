import { setTimeout as sleep } from 'node:timers/promises';
import type { SpooledEvent } from './events.ts';
import { type EventFilter, matches } from './filter.ts';
import { mergeByTime } from './merge-by-time.ts';
import { listSegments, listStreams, type StreamName, streamDirectory } from './segments.ts';
import { StreamReader } from './stream-reader.ts';

const POLL_MS = 200;

/** Every event of a spool, all streams merged by time; one stream's events keep their order whatever its clock did. */
export async function* readSpool(
  spool: string,
  filter: EventFilter = {},
  streams: readonly StreamName[] = listStreams(spool),
): AsyncGenerator<SpooledEvent> {
  const readers = streams.map((name) => new StreamReader(streamDirectory(spool, name)));
  yield* wanted(mergeByTime(readers.map((reader) => ({ events: reader.events() }))), filter);
}

export interface TailOptions {
  /** How many of the events there are to begin with. */
  readonly count: number;
  readonly filter?: EventFilter;
  /** Go on with what comes until this aborts; absent: stop at the end. */
  readonly follow?: AbortSignal;
}

/** The last matching events, oldest first, and then, without a gap, those that come; new streams are taken in. */
export async function* tail(spool: string, options: TailOptions): AsyncGenerator<SpooledEvent> {
  const { count, filter = {}, follow } = options;
  const readers = new Map<string, StreamReader>();
  const latest: SpooledEvent[][] = [];
  for (const directory of directories(spool)) {
    const { reader, events } = await openAtTail(directory, count, filter);
    readers.set(directory, reader);
    latest.push(events);
  }
  yield* lastOf(await collect(mergeByTime(latest.map((events) => ({ events: iterate(events) })))), count);
  while (follow?.aborted === false) {
    await sleep(POLL_MS, undefined, { signal: follow }).catch(() => {});
    for (const directory of directories(spool)) {
      if (!readers.has(directory)) readers.set(directory, new StreamReader(directory));
    }
    const sources = [...readers.values()].map((reader) => ({ events: reader.events() }));
    yield* wanted(mergeByTime(sources), filter);
  }
}

const directories = (spool: string) => listStreams(spool).map((name) => streamDirectory(spool, name));

/** Goes back 1, 2, 4 ... segments until enough events match: at most twice the reading that was needed. */
async function openAtTail(directory: string, count: number, filter: EventFilter) {
  const segments = listSegments(directory);
  for (let back = 1; ; back *= 2) {
    const reader = new StreamReader(directory, segments.at(-back) ?? 0);
    const events: SpooledEvent[] = [];
    for await (const event of wanted(reader.events(), filter)) {
      events.push(event);
      if (events.length > 2 * count) events.splice(0, events.length - count);
    }
    if (events.length >= count || back >= segments.length) return { reader, events };
  }
}

export async function* wanted(
  events: AsyncIterable<SpooledEvent>,
  filter: EventFilter,
): AsyncGenerator<SpooledEvent> {
  for await (const event of events) if (matches(event, filter)) yield event;
}

export const lastOf = <T>(items: readonly T[], count: number): readonly T[] =>
  items.slice(Math.max(0, items.length - count));

export async function* iterate(events: readonly SpooledEvent[]): AsyncGenerator<SpooledEvent> {
  yield* events;
}

export async function collect(events: AsyncIterable<SpooledEvent>): Promise<SpooledEvent[]> {
  const all: SpooledEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}
