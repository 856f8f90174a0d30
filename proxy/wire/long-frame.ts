/** Bytes that are made room for first. */
const START = 256 * 1024;
/** Room grows to this many times what has come: announcing a long frame costs nobody memory. */
const GROWTH = 4;

/**
 * A frame that is put together as its chunks come: to join a megabyte when the last of them has come takes the event
 * loop half a millisecond at once, most of which is the kernel's, for the memory.
 */
export class LongFrame {
  readonly #length: number;
  #bytes: Buffer;
  #filled = 0;

  constructor(length: number) {
    this.#length = length;
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(length, START));
  }

  get complete(): boolean {
    return this.#filled === this.#length;
  }

  /** The frame, once it is complete. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Copies what belongs to the frame; returns what comes behind it. */
  take(chunk: Buffer): Buffer {
    const own = Math.min(chunk.length, this.#length - this.#filled);
    this.#reserve(this.#filled + own);
    chunk.copy(this.#bytes, this.#filled, 0, own);
    this.#filled += own;
    return chunk.subarray(own);
  }

  #reserve(needed: number): void {
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.min(this.#length, GROWTH * needed));
    this.#bytes.copy(larger, 0, 0, this.#filled);
    release(this.#bytes);
    this.#bytes = larger;
  }
}

/**
 * Gives the memory of a buffer back at once, if it is all the buffer's: so many of them, left to the garbage collector,
 * make it stop the process again and again. The buffer is empty from now on.
 */
export function release({ buffer, length }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0);
}
