import { hash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChainHead } from '../chain.ts';
import { type Break, ChainFollower } from '../chain-follower.ts';
import type { SpooledEvent } from '../events.ts';
import { type Line, readLines } from '../lines.ts';
import { listSegments, segmentName } from '../segments.ts';
import type { StoredEvent } from './event-row.ts';

/** A place in a stream's files, behind a line. Segment 0: before all. */
export interface Place {
  readonly segment: number;
  readonly bytes: number;
  /** SHA-256, in hex, of the last bytes before it: there may be other files in their place some day. */
  readonly tail: string;
}

/** What has been read of a stream, and where that leads. */
export interface Batch {
  readonly events: readonly StoredEvent[];
  /** Where the chain is broken. What can't be read is not among the events. */
  readonly faults: readonly Break[];
  readonly place: Place;
  /** The last event that can be read, of this batch or before. */
  readonly head: ChainHead;
}

export const MOST_EVENTS = 2_000;
/** Bytes of lines after which a batch is full. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Bytes that a tail is of: they hold a line's hash. */
const TAIL = 67;

/** Reads a stream in batches, checking its chain, from any place on. */
export class StreamFeed {
  readonly #directory: string;
  readonly #chain: ChainFollower;
  #segment: number;
  #bytes: number;
  #head: ChainHead;

  /** `place` and `head`: of the last batch that somebody has. */
  constructor(
    { directory, node }: { readonly directory: string; readonly node: string },
    place: Pick<Place, 'segment' | 'bytes'>,
    head: ChainHead,
  ) {
    this.#directory = directory;
    this.#segment = place.segment;
    this.#bytes = place.bytes;
    this.#head = head;
    this.#chain = new ChainFollower(head, node);
  }

  /** The next events, at most so many; null: there are none now. After an error it is to be thrown away. */
  async next(most = MOST_EVENTS): Promise<Batch | null> {
    const part = new Part(most);
    const segment = this.#segment;
    for (;;) {
      // Looked for before the segment is read: nobody writes to it any more once there is another.
      const following = listSegments(this.#directory).find((number) => number > this.#segment);
      const ended = await this.#read(part, following === undefined);
      if (ended && following !== undefined) {
        this.#segment = following;
        this.#bytes = 0;
      }
      if (part.full || following === undefined) break;
    }
    if (part.empty && segment === this.#segment) return null;
    const place = { segment: this.#segment, bytes: this.#bytes };
    const tail = await tailAt(this.#directory, place);
    return { events: part.events, faults: part.faults, place: { ...place, tail }, head: this.#head };
  }

  /** Reads on in the segment; false: there is more than a batch can hold. */
  async #read(part: Part, last: boolean): Promise<boolean> {
    const path = join(this.#directory, segmentName(this.#segment));
    const start = this.#bytes;
    if (this.#segment === 0 || (await sizeOf(path)) <= start) return true;
    for await (const lines of readLines(path, start)) {
      for (const line of lines) {
        if (line.whole) this.#take(part, path, line);
        else if (!last) part.torn(line.bytes.length, `${path}@${line.end - line.bytes.length}`);
        if (part.full) return false;
      }
    }
    return true;
  }

  #take(part: Part, path: string, { bytes, end }: Line): void {
    const { link, event, breaks } = this.#chain.take(bytes, `${path}@${end - bytes.length - 1}`);
    part.faults.push(...breaks);
    part.bytes += bytes.length;
    this.#bytes = end;
    if (link !== null) this.#head = { seq: link.seq, hash: link.hash };
    if (event === null) return;
    const line = bytes.toString('utf8');
    part.events.push({ event: storable(event, line), line, segment: this.#segment, end });
  }
}

/** What columns are made of: PostgreSQL has no NUL in a text. The line has it as JSON writes it. */
const storable = (event: SpooledEvent, line: string): SpooledEvent =>
  line.includes('\\u0000') ? JSON.parse(line, withoutNul) : event;

const withoutNul = (_: string, value: unknown): unknown =>
  typeof value === 'string' ? value.replaceAll('\0', ' ') : value;

/** A batch while it is read. */
class Part {
  readonly events: StoredEvent[] = [];
  readonly faults: Break[] = [];
  bytes = 0;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get full(): boolean {
    return this.events.length >= this.#most || this.bytes >= MOST_BYTES;
  }

  get empty(): boolean {
    return this.events.length === 0 && this.faults.length === 0;
  }

  torn(bytes: number, place: string): void {
    this.faults.push({ place, seq: null, fault: 'torn line', detail: `${bytes} bytes without a newline` });
  }
}

/**
 * Whether a stream's files are still those that a place is of. Older segments that are gone were pruned; that the chain
 * goes on where it should is seen from the first line of the next.
 */
export async function isStillThere(directory: string, place: Place): Promise<boolean> {
  const segments = listSegments(directory);
  if (place.segment === 0) return true;
  if (!segments.includes(place.segment)) return segments.every((number) => number > place.segment);
  return (await tailAt(directory, place)) === place.tail;
}

/** What `tail` of that place is. */
export async function tailAt(
  directory: string,
  { segment, bytes }: Pick<Place, 'segment' | 'bytes'>,
): Promise<string> {
  if (segment === 0 || bytes === 0) return '';
  const file = await open(join(directory, segmentName(segment)));
  try {
    const length = Math.min(TAIL, bytes);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, bytes - length);
    return bytesRead === length ? hash('sha256', buffer, 'hex') : 'cut off';
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
