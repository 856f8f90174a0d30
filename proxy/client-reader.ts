import type { Socket } from 'node:net';

const EMPTY = Buffer.alloc(0);

/**
 * Reads a client socket before its session runs. Between calls the socket is paused, so a client can't make us keep
 * more than was asked for and one chunk.
 */
export class ClientReader {
  readonly #socket: Socket;
  #buffer: Buffer = EMPTY;
  #closed = false;
  #wake: (() => void) | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket
      .on('data', this.#onData)
      .on('error', this.#onClose)
      .on('end', this.#onClose)
      .on('close', this.#onClose);
    socket.pause();
  }

  /** What has come and was not consumed. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  consume(length: number): void {
    this.#buffer = this.#buffer.subarray(length);
  }

  /** Wait for more bytes; false if the client is gone. */
  async more(): Promise<boolean> {
    const before = this.#buffer.length;
    while (this.#buffer.length === before && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#socket.resume();
      });
    }
    return this.#buffer.length > before;
  }

  /** Give the socket back, paused; returns what was not consumed. */
  release(): Buffer {
    const socket = this.#socket;
    socket
      .off('data', this.#onData)
      .off('error', this.#onClose)
      .off('end', this.#onClose)
      .off('close', this.#onClose);
    socket.pause();
    const rest = this.#buffer;
    this.#buffer = EMPTY;
    return rest;
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#socket.pause();
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    this.#wake?.();
  };

  readonly #onClose = (): void => {
    this.#closed = true;
    this.#wake?.();
  };
}
