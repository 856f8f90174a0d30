import { join } from 'node:path';
import type { SpooledEvent } from './events.ts';
import { IndexBlock } from './index-block.ts';
import { readLines } from './lines.ts';
import { OlderSegments } from './older-segments.ts';
import { listSegments, listStreams, segmentName, streamDirectory } from './segments.ts';
import { foldSession } from './session-fold.ts';
import { parseEvent } from './stream-reader.ts';
import type { Alarm, EventOf, TrailSession } from './trail-source.ts';

/** Segments of a stream that are indexed, from its end: with those of 64 MB, half a million statements. */
const MOST_SEGMENTS = 8;
const LINES_OF_BLOCK = 512;
const MOST_SESSIONS = 20_000;
const MOST_ALARMS = 5_000;

/** A place in a stream. */
export interface Place {
  readonly segment: number;
  readonly offset: number;
}

export interface IndexedStream {
  /** `node/stream` */
  readonly name: string;
  readonly directory: string;
  blocks: IndexBlock[];
  /** Up to where it has been read. */
  read: Place;
  /** Segments before the first that is indexed: the oldest first. */
  unindexed: readonly number[];
  readonly older: OlderSegments;
}

type Listener = (event: SpooledEvent, stream: string, place: Place) => void;

/** What is in a spool, told from one reading of each event; what came since is read when it is asked for. */
export class SpoolIndex {
  readonly #spool: string;
  readonly #segments: number;
  readonly #streams = new Map<string, IndexedStream>();
  readonly #sessions = new Map<string, TrailSession>();
  readonly #flags = new Map<string, EventOf<'risk.flag'>>();
  readonly #lastVerdicts = new Map<string, EventOf<'risk.verdict'>>();
  readonly #verdicts: EventOf<'risk.verdict'>[] = [];
  readonly #listeners = new Set<Listener>();
  #reading: Promise<void> | null = null;

  /** `segments` of each stream are indexed. */
  constructor(spool: string, segments = MOST_SEGMENTS) {
    this.#spool = spool;
    this.#segments = segments;
  }

  get streams(): readonly IndexedStream[] {
    return [...this.#streams.values()];
  }

  /** By their ids; the last ones. */
  get sessions(): ReadonlyMap<string, TrailSession> {
    return this.#sessions;
  }

  /** Unix ms from which on all is indexed; null: everything is. */
  get since(): number | null {
    const begun = this.streams.filter(({ unindexed }) => unindexed.length > 0);
    const times = begun.map(({ blocks }) => blocks[0]?.earliest ?? Number.NEGATIVE_INFINITY);
    return begun.length === 0 ? null : Math.max(...times);
  }

  get alarms(): readonly Alarm[] {
    return [...this.#flags.keys()].flatMap((id) => this.alarm(id) ?? []);
  }

  /** All of the last ones, in no order. */
  get verdicts(): readonly EventOf<'risk.verdict'>[] {
    return this.#verdicts;
  }

  alarm(id: string): Alarm | null {
    const flag = this.#flags.get(id);
    return flag === undefined ? null : { flag, verdict: this.#lastVerdicts.get(id) ?? null };
  }

  /** Resolves when all is known that was in the spool at the call. Rejects if it can't be read. */
  async catchUp(): Promise<void> {
    await this.#reading?.catch(() => undefined);
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    await this.#reading;
  }

  /** Be told of each event as it is read. Returns what ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #read(): Promise<void> {
    for (const stream of listStreams(this.#spool)) {
      const name = `${stream.node}/${stream.stream}`;
      const directory = streamDirectory(this.#spool, stream);
      const known = this.#streams.get(name);
      const indexed = known ?? {
        ...{ name, directory, blocks: [], read: { segment: 0, offset: 0 } },
        ...{ unindexed: [], older: new OlderSegments(directory) },
      };
      if (known === undefined) this.#streams.set(name, indexed);
      await this.#readStream(indexed);
    }
  }

  async #readStream(stream: IndexedStream): Promise<void> {
    const all = listSegments(stream.directory);
    const segments = all.slice(-this.#segments);
    const [first = 0] = segments;
    stream.unindexed = all.slice(0, -segments.length);
    stream.blocks = stream.blocks.filter(({ segment }) => segment >= first);
    for (const segment of segments) {
      if (segment < stream.read.segment) continue;
      const offset = segment === stream.read.segment ? stream.read.offset : 0;
      await this.#readSegment(stream, segment, offset).catch(unlessGone);
    }
  }

  async #readSegment(stream: IndexedStream, segment: number, from: number): Promise<void> {
    let offset = from;
    for await (const lines of readLines(join(stream.directory, segmentName(segment)), from)) {
      for (const line of lines) {
        if (!line.whole) continue;
        const place = { segment, offset };
        const block = blockFor(stream, place);
        const event = eventIn(line.bytes);
        offset = line.end;
        block.lines += 1;
        block.end = offset;
        if (event !== null) this.#note(event, block, stream.name, place);
      }
      stream.read = { segment, offset };
    }
  }

  #note(event: SpooledEvent, block: IndexBlock, stream: string, place: Place): void {
    block.note(event);
    if ('session' in event && event.session !== null) this.#noteSession(event.session, event);
    if (event.type === 'risk.flag') keep(this.#flags, event.alarm, event, MOST_ALARMS);
    if (event.type === 'risk.verdict') this.#noteVerdict(event);
    for (const listener of this.#listeners) listener(event, stream, place);
  }

  #noteSession(id: string, event: SpooledEvent): void {
    const folded = foldSession(this.#sessions.get(id) ?? null, event);
    if (folded !== null) keep(this.#sessions, id, folded, MOST_SESSIONS);
  }

  /** It may be read before its alarm, which is in another stream. */
  #noteVerdict(verdict: EventOf<'risk.verdict'>): void {
    this.#verdicts.push(verdict);
    if (this.#verdicts.length > 2 * MOST_ALARMS) this.#verdicts.splice(0, MOST_ALARMS);
    const before = this.#lastVerdicts.get(verdict.alarm);
    if (before === undefined || before.at <= verdict.at)
      keep(this.#lastVerdicts, verdict.alarm, verdict, MOST_ALARMS);
  }
}

/** The block that a line at that place belongs to. */
function blockFor(stream: IndexedStream, { segment, offset }: Place): IndexBlock {
  const last = stream.blocks.at(-1);
  if (last !== undefined && last.segment === segment && last.lines < LINES_OF_BLOCK) return last;
  const block = new IndexBlock(segment, offset);
  stream.blocks.push(block);
  return block;
}

/** Segments that are no longer needed here may go at any time. */
function unlessGone(fault: NodeJS.ErrnoException): void {
  if (fault.code !== 'ENOENT') throw fault;
}

/** As the last entry; the first ones go. */
function keep<T>(entries: Map<string, T>, id: string, entry: T, most: number): void {
  entries.set(id, entry);
  if (entries.size <= most) return;
  const [oldest] = entries.keys();
  if (oldest !== undefined) entries.delete(oldest);
}

/** null: the line is damaged, as verifying the trail tells. */
export function eventIn(line: Buffer | string): SpooledEvent | null {
  try {
    return parseEvent(line, '');
  } catch {
    return null;
  }
}
