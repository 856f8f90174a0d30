import { type ChainHead, type Fields, sealedLength, sealInto } from './chain.ts';

const START_SIZE = 64 * 1024;
/** A batch that grew past this is not kept for the next: statements of a megabyte come one after another. */
const KEPT_SIZE = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

/** Sealed lines that are to be written, as the bytes that they will be in the file: made once, copied nowhere. */
export class Batch {
  #buffer: Buffer = Buffer.allocUnsafeSlow(START_SIZE);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Valid until the next `add` or `clear`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Seals an event's members behind `head`; returns the new head. */
  add(head: ChainHead, fields: Fields): ChainHead {
    this.#reserve(sealedLength(fields) + 1);
    const sealed = sealInto(this.#buffer, this.#length, head, fields);
    this.#buffer[sealed.end] = NEWLINE;
    this.#length = sealed.end + 1;
    return sealed.head;
  }

  clear(): void {
    this.#length = 0;
    if (this.#buffer.length > KEPT_SIZE) this.#buffer = Buffer.allocUnsafeSlow(START_SIZE);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
