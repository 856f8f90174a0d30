import type { Writable } from 'node:stream';

/** Bytes for one socket, joined into one write. */
export class Outbox {
  /** Most often there is one; only more are kept in a list. */
  #first: Buffer | null = null;
  #more: Buffer[] = [];

  get empty(): boolean {
    return this.#first === null;
  }

  push(bytes: Buffer): void {
    if (this.#first === null) this.#first = bytes;
    else this.#more.push(bytes);
  }

  clear(): void {
    this.#first = null;
    this.#more = [];
  }

  /** False if the socket has more than it can send for now: wait for its `drain`. */
  flush(socket: Writable): boolean {
    const first = this.#first;
    if (first === null) return true;
    this.#first = null;
    if (this.#more.length === 0) return socket.write(first); // corking costs more than it saves
    const more = this.#more;
    this.#more = [];
    socket.cork();
    socket.write(first);
    let ready = true;
    for (const bytes of more) ready = socket.write(bytes);
    socket.uncork();
    return ready;
  }
}
