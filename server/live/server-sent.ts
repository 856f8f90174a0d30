import { Readable } from 'node:stream';

/** Bytes that may wait for a client that reads slowly when there is more to tell it; else it is cut off. */
const MOST_WAITING = 4 * 1024 * 1024;

/** Server-sent events as a body (HTML standard, section 9.2.6). JSON has no newlines, so that each is one line of data. */
export class ServerSent extends Readable {
  constructor() {
    super({ highWaterMark: MOST_WAITING });
    // Sends the headers, and has browsers wait for 2 s until they connect again.
    this.push('retry: 2000\n\n');
  }

  override _read(): void {}

  send(event: string, data: unknown, id?: string): void {
    const name = id === undefined ? '' : `id: ${id}\n`;
    this.#add(`${name}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Keeps what stands between us and the client from taking the connection for dead. */
  beat(): void {
    this.#add(': beat\n\n');
  }

  /** After what waits. */
  finish(): void {
    if (!this.destroyed && !this.readableEnded) this.push(null);
  }

  #add(text: string): void {
    if (this.destroyed || this.readableEnded) return;
    if (this.readableLength > MOST_WAITING) this.destroy();
    else this.push(text);
  }
}
