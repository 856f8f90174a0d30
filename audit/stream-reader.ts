import { join } from 'node:path';
import type { SpooledEvent } from './events.ts';
import { readLines } from './lines.ts';
import { listSegments, segmentName } from './segments.ts';

/** A line that is no event. */
export class UnreadableLineError extends Error {
  override readonly name = 'UnreadableLineError';
  /** `path:line` */
  readonly place: string;

  constructor(place: string) {
    super(`${place} is not an audit event; run postern audit verify`);
    this.place = place;
  }
}

/** Reads one stream in order, across its segments, and goes on from where it stopped: `tail -f` calls it again. */
export class StreamReader {
  readonly #directory: string;
  #segment: number;
  #offset: number;
  #line = 0;

  /** `segment`: number of the one to begin with; `offset`: in bytes, behind a line of it. */
  constructor(directory: string, segment = 0, offset = 0) {
    this.#directory = directory;
    this.#segment = segment;
    this.#offset = offset;
  }

  /** Whole events up to the present end of the stream. @throws UnreadableLineError */
  async *events(): AsyncGenerator<SpooledEvent> {
    for (const segment of listSegments(this.#directory)) {
      if (segment < this.#segment) continue;
      if (segment > this.#segment) this.#enter(segment);
      const path = join(this.#directory, segmentName(segment));
      const before = this.#line;
      for await (const lines of readLines(path, this.#offset)) {
        for (const line of lines) {
          if (!line.whole) continue;
          this.#offset = line.end;
          this.#line = before + line.number;
          yield parseEvent(line.bytes, `${path}:${this.#line}`);
        }
      }
    }
  }

  #enter(segment: number): void {
    this.#segment = segment;
    this.#offset = 0;
    this.#line = 0;
  }
}

/** @throws UnreadableLineError */
export function parseEvent(line: Buffer | string, place: string): SpooledEvent {
  try {
    const event: unknown = JSON.parse(line.toString());
    if (isEvent(event)) return event;
  } catch {
    // Reported below, with its place instead of the parser's offset.
  }
  throw new UnreadableLineError(place);
}

function isEvent(value: unknown): value is SpooledEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { seq, at, node, type } = value as Record<string, unknown>;
  return (
    typeof seq === 'number' && typeof at === 'string' && typeof node === 'string' && typeof type === 'string'
  );
}
