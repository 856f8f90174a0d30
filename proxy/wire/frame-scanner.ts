/**
 * Cuts a hostile byte stream into frames without copying: whole frames inside one chunk are handed out as offsets into
 * it; only a frame that spans chunks is joined: once, when its last byte has come, or, if it is long, chunk by chunk.
 */
import { LongFrame, release } from './long-frame.ts';
import { HEADER_LENGTH, LENGTH_LENGTH } from './message-types.ts';
import { ProtocolError } from './protocol-error.ts';

const EMPTY = Buffer.alloc(0);

/** Chunks from this size on, in bytes, are worth an object of their own. */
const SMALL_CHUNK = 4096;

/** A frame from this size on, in bytes, that has not come as a whole, is long. */
const LONG = 128 * 1024;

/** The largest length word (4 + body) a message type may announce; undefined: no such message. */
export type LengthLimit = (type: number) => number | undefined;

export class FrameScanner {
  readonly #limit: LengthLimit;
  readonly #spent: (buffer: Buffer) => void;
  #chunks: Buffer[] = [];
  #buffered = 0;
  /** Bytes needed before looking again: spares joining at each chunk of a long frame. */
  #needed = HEADER_LENGTH;
  /** The frame that is coming, where it is long; nothing else is kept meanwhile. */
  #long: LongFrame | null = null;

  /** The bytes being scanned and the frame last found in them: type at `start`, body from `start + 5` to `end`. */
  buffer: Buffer = EMPTY;
  type = 0;
  start = 0;
  end = 0;

  /** `spent` is told of buffers that no frame is cut from any more; those that were may still be in use, and so may they. */
  constructor(limit: LengthLimit, spent: (buffer: Buffer) => void = () => {}) {
    this.#limit = limit;
    this.#spent = spent;
  }

  /** Chunks are the scanner's from now on: one of a long frame is released once it is copied. */
  push(chunk: Buffer): void {
    const rest = this.#long === null ? chunk : this.#long.take(chunk);
    if (rest.length > 0) {
      this.#buffered += rest.length;
      this.#chunks.push(this.#merged(rest));
    } else {
      release(chunk);
    }
  }

  /**
   * A client that sends a byte at a time must not cost an object a byte: a small chunk takes in those before it that
   * are no larger, so that a frame's chunks are few and no byte is copied more than a few times.
   */
  #merged(chunk: Buffer): Buffer {
    let merged = chunk;
    while (merged.length < SMALL_CHUNK) {
      const last = this.#chunks.at(-1);
      if (last === undefined || last.length > merged.length) break;
      this.#chunks.pop();
      merged = Buffer.concat([last, merged]);
    }
    return merged;
  }

  /**
   * Find the next frame; false if more bytes are needed. The previous frame's offsets are then no longer valid.
   * @throws ProtocolError for an unknown type, a length below 4, or one above the type's limit
   */
  next(): boolean {
    if (this.#long !== null) return this.#nextLong(this.#long);
    let available = this.buffer.length - this.end;
    if (available < this.#needed) {
      if (available + this.#buffered < this.#needed) {
        if (available === 0) this.#release();
        return false;
      }
      this.#join();
      available = this.buffer.length;
    }
    this.type = this.buffer[this.end]!;
    const length = this.buffer.readUInt32BE(this.end + 1);
    const limit = this.#limit(this.type);
    if (limit === undefined)
      throw new ProtocolError(`unknown message type 0x${this.type.toString(16).padStart(2, '0')}`);
    if (length < LENGTH_LENGTH || (limit === LENGTH_LENGTH && length > limit))
      throw new ProtocolError(`invalid message length ${length}`);
    if (length > limit)
      throw new ProtocolError(`message of ${length} bytes is over the limit of ${limit}`, '54000');
    this.#needed = 1 + length;
    if (available < this.#needed) {
      if (this.#needed >= LONG) this.#gather();
      return this.#long !== null || this.#buffered > 0 ? this.next() : false;
    }
    this.start = this.end;
    this.end += this.#needed;
    this.#needed = HEADER_LENGTH;
    return true;
  }

  /** Bytes that have come behind the frame last found; infinite while a long frame is coming. */
  get backlog(): number {
    return this.#long === null ? this.buffer.length - this.end + this.#buffered : Number.POSITIVE_INFINITY;
  }

  /** The body of the frame last found: a view, valid as long as nobody writes to the chunk. */
  body(): Buffer {
    return this.buffer.subarray(this.start + HEADER_LENGTH, this.end);
  }

  /** An idle connection keeps no chunk alive. */
  #release(): void {
    this.#spent(this.buffer);
    this.buffer = EMPTY;
    this.start = 0;
    this.end = 0;
  }

  /** Begins to put the frame together whose header has come. */
  #gather(): void {
    this.#long = new LongFrame(this.#needed);
    const chunks = [this.buffer.subarray(this.end), ...this.#chunks];
    this.#release();
    this.#chunks = [];
    this.#buffered = 0;
    for (const chunk of chunks) {
      const rest = this.#long.take(chunk);
      if (rest.length > 0) this.#chunks.push(rest);
      this.#buffered += rest.length;
    }
  }

  #nextLong(long: LongFrame): boolean {
    if (!long.complete) return false;
    this.#long = null;
    this.buffer = long.bytes;
    this.start = 0;
    this.end = long.bytes.length;
    this.#needed = HEADER_LENGTH;
    return true;
  }

  #join(): void {
    const rest = this.buffer.subarray(this.end);
    const [first, more] = this.#chunks;
    this.#spent(this.buffer);
    if (rest.length === 0 && first !== undefined && more === undefined) {
      this.buffer = first;
    } else {
      this.buffer = Buffer.concat([rest, ...this.#chunks]);
      this.#chunks.forEach(this.#spent);
    }
    this.#chunks = [];
    this.#buffered = 0;
    this.start = 0;
    this.end = 0;
  }
}
