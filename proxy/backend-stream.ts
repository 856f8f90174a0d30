/**
 * Cuts the upstream's byte stream into messages in place. Rows and COPY data are never held back to be whole: their
 * header decides, and what has come of them is passed on, so that a huge value costs no memory. All other messages
 * are short and are handed over whole.
 */
import { BACKEND, HEADER_LENGTH } from './wire/message-types.ts';

/** What to do with a message: pass it on, leave it out, send something else, or stop here and keep the rest. */
export type Disposition = 'forward' | 'drop' | 'stop' | Buffer;

export interface BackendHandler {
  /** Rows that may be passed on without asking about each: so many, of so many bytes in all. */
  readonly rowsFree: number;
  readonly bytesFree: number;
  /** They were. A row is a DataRow or CopyData; its bytes are with the header. */
  passed(rows: number, bytes: number): void;
  /** About a row that may not just be passed on, or has not come as a whole. After a stop it is asked again. */
  row(bytes: number): Disposition;
  /** A whole message; its body stands from `start` to `end`. */
  message(type: number, buffer: Buffer, start: number, end: number): Disposition;
  /** Bytes for the client: slices of what came in, or a Buffer that `message` returned. */
  emit(bytes: Buffer): void;
}

export class BackendStream {
  readonly #handler: BackendHandler;
  readonly #maxLength: number;
  /** Received and not handled yet: the start of a message that is not whole, or everything after a stop. */
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #needed = HEADER_LENGTH;
  /** What is still to come of a row whose header was handled. */
  #rowLeft = 0;
  #rowForwarded = true;
  #stopped = false;

  constructor(handler: BackendHandler, maxLength: number) {
    this.#handler = handler;
    this.#maxLength = maxLength;
  }

  /** False while the client has been sent a part of a row: nothing else may be sent to it then. */
  get atBoundary(): boolean {
    return this.#rowLeft === 0 || !this.#rowForwarded;
  }

  /** Nothing of what has come is needed any more. */
  get keepsNothing(): boolean {
    return this.#keptBytes === 0;
  }

  /** @throws RangeError if the upstream announces a message that cannot be */
  receive(chunk: Buffer): void {
    if (this.#keptBytes === 0) return this.#scan(chunk);
    this.#kept.push(chunk);
    this.#keptBytes += chunk.length;
    if (!this.#stopped && this.#keptBytes >= this.#needed) this.resume();
  }

  /** Go on after a stop. */
  resume(): void {
    this.#stopped = false;
    const kept = this.#kept.length === 1 ? this.#kept[0]! : Buffer.concat(this.#kept);
    this.#kept = [];
    this.#keptBytes = 0;
    this.#scan(kept);
  }

  #scan(buffer: Buffer): void {
    const size = buffer.length;
    let offset = this.#continueRow(size);
    /** Start of what is to be forwarded and has not been emitted. */
    let from = this.#rowForwarded ? 0 : offset;
    this.#needed = HEADER_LENGTH;
    while (offset + HEADER_LENGTH <= size) {
      const type = buffer[offset]!;
      if (isRow(type)) {
        const passed = this.#passRows(buffer, offset);
        if (passed > 0) {
          offset += passed;
          continue;
        }
      }
      const total = 1 + lengthAt(buffer, offset + 1);
      if (total < HEADER_LENGTH) throw new RangeError(`upstream sent a message of ${total} bytes`);
      const end = offset + total;
      let disposition: Disposition;
      if (isRow(type)) {
        disposition = this.#handler.row(total);
        if (disposition !== 'stop' && end > size) {
          this.#rowLeft = end - size;
          this.#rowForwarded = disposition === 'forward';
        }
      } else {
        if (total > this.#maxLength) throw new RangeError(`upstream sent a message of ${total} bytes`);
        if (end > size) {
          this.#needed = total;
          break;
        }
        disposition = this.#handler.message(type, buffer, offset + HEADER_LENGTH, end);
      }
      if (disposition !== 'forward') {
        this.#emit(buffer, from, offset);
        if (disposition === 'stop') {
          this.#stopped = true;
          return this.#keep(buffer.subarray(offset));
        }
        if (disposition !== 'drop') this.#handler.emit(disposition);
        from = end;
      }
      offset = end;
    }
    this.#emit(buffer, from, Math.min(offset, size));
    if (offset < size) this.#keep(buffer.subarray(offset));
  }

  /** Passes on the rows that stand whole from `offset` on, as far as they are free. Returns their bytes. */
  #passRows(buffer: Buffer, offset: number): number {
    const { rowsFree, bytesFree } = this.#handler;
    const last = Math.min(buffer.length, offset + bytesFree);
    let rows = 0;
    let at = offset;
    while (rows < rowsFree && at + HEADER_LENGTH <= last && isRow(buffer[at]!)) {
      const total = 1 + lengthAt(buffer, at + 1);
      if (total < HEADER_LENGTH || at + total > last) break;
      at += total;
      rows++;
    }
    if (rows > 0) this.#handler.passed(rows, at - offset);
    return at - offset;
  }

  #continueRow(size: number): number {
    if (this.#rowLeft === 0) {
      this.#rowForwarded = true;
      return 0;
    }
    const part = Math.min(this.#rowLeft, size);
    this.#rowLeft -= part;
    return part;
  }

  #emit(buffer: Buffer, from: number, to: number): void {
    if (from < to)
      this.#handler.emit(from === 0 && to === buffer.length ? buffer : buffer.subarray(from, to));
  }

  #keep(rest: Buffer): void {
    this.#kept = rest.length === 0 ? [] : [rest];
    this.#keptBytes = rest.length;
  }
}

const isRow = (type: number): boolean => type === BACKEND.dataRow || type === BACKEND.copyData;

/** Cheaper than readInt32BE in the hottest loop; negative lengths come out negative. */
function lengthAt(buffer: Buffer, at: number): number {
  return (buffer[at]! << 24) | (buffer[at + 1]! << 16) | (buffer[at + 2]! << 8) | buffer[at + 3]!;
}
