import type { Writable } from 'node:stream';
import { release } from './wire/long-frame.ts';

/** Bytes from which on it pays: smaller ones are the garbage collector's. */
export const LARGE = 4 * 1024;

/**
 * Large buffers whose bytes are on their way to one socket. Their memory is given back as soon as it needs none of them.
 * DANGER: of a buffer that is given back too early, nothing would be sent, and what follows would be read as its rest.
 */
export class SpentBuffers {
  /** Some of their bytes may be queued and not written yet. */
  #queued: Buffer[] = [];
  /** What the kernel has not taken of them, the socket still refers to. */
  #written: Buffer[] = [];

  /** Nobody reads it any more, and all that the socket is to have of it is queued, or will be before `written` is called. */
  add(buffer: Buffer): void {
    if (buffer.length >= LARGE) this.#queued.push(buffer);
  }

  /** All that was queued has been written to the socket. */
  written(socket: Writable): void {
    if (this.#queued.length > 0) {
      this.#written.push(...this.#queued);
      this.#queued = [];
    }
    this.drained(socket);
  }

  /** The kernel may have taken what was written. */
  drained({ writableLength }: Writable): void {
    if (this.#written.length === 0 || writableLength > 0) return;
    for (const buffer of this.#written) release(buffer);
    this.#written = [];
  }

  /** Nothing of the queue will be written: leave it to the garbage collector. */
  forget(): void {
    this.#queued = [];
  }
}
