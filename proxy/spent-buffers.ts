import type { Writable } from 'node:stream';
import { release } from './wire/long-frame.ts';

/** Bytes from which on it pays: smaller ones are the garbage collector's. */
const LARGE = 16 * 1024;

/** Large buffers whose bytes are on their way to one socket. Their memory is given back as soon as it needs none of them. */
export class SpentBuffers {
  #buffers: Buffer[] = [];

  /** Nobody reads it any more, and what the socket is to have of it will have been written by the next `settle`. */
  add(buffer: Buffer): void {
    if (buffer.length >= LARGE) this.#buffers.push(buffer);
  }

  /** After all writes. What the kernel has not taken, the socket still refers to. */
  settle({ writableLength }: Writable): void {
    if (this.#buffers.length === 0 || writableLength > 0) return;
    for (const buffer of this.#buffers) release(buffer);
    this.#buffers = [];
  }

  /** Leave them to the garbage collector. */
  forget(): void {
    this.#buffers = [];
  }
}
