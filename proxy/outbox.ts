import type { Writable } from 'node:stream';

/** Bytes for one socket, joined into one write. */
export class Outbox {
  #queue: Buffer[] = [];

  push(bytes: Buffer): void {
    this.#queue.push(bytes);
  }

  clear(): void {
    if (this.#queue.length > 0) this.#queue = [];
  }

  /** False if the socket has more than it can send for now: wait for its `drain`. */
  flush(socket: Writable): boolean {
    const queue = this.#queue;
    if (queue.length === 0) return true;
    this.#queue = [];
    if (queue.length === 1) return socket.write(queue[0]!); // corking costs more than it saves
    socket.cork();
    let ready = true;
    for (const bytes of queue) ready = socket.write(bytes);
    socket.uncork();
    return ready;
  }
}
