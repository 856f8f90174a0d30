import type { Socket } from 'node:net';
import { UpstreamError } from './upstream-error.ts';

const EMPTY = Buffer.alloc(0);

/**
 * Takes exact numbers of bytes off a socket, one `take` at a time, and gives the socket back with nothing lost. The
 * socket is paused whenever nobody waits, so what is buffered stays bounded by what is asked for.
 */
export class ByteReader {
  readonly #socket: Socket;
  #bytes: Buffer = EMPTY;
  #closed: Error | null = null;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', this.#onData).on('error', this.#onError).on('close', this.#onClose);
    socket.pause();
  }

  /** @throws UpstreamError if the connection ends before there are that many */
  async take(length: number): Promise<Buffer> {
    while (this.#bytes.length < length) await this.#more();
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  /** Stop reading: the socket is left paused, without listeners of this reader. Returns the bytes not taken. */
  release(): Buffer {
    this.#socket.off('data', this.#onData).off('error', this.#onError).off('close', this.#onClose);
    this.#socket.pause();
    return this.#bytes;
  }

  #more(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wake = () => {
        if (this.#closed === null) resolve();
        else reject(this.#closed);
      };
      if (this.#closed !== null) this.#wake();
      else this.#socket.resume();
    });
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#socket.pause();
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    this.#wake();
  };

  readonly #onError = (cause: Error): void => {
    this.#closed ??= new UpstreamError('unreachable', `lost the connection: ${cause.message}`, { cause });
    this.#wake();
  };

  readonly #onClose = (): void => {
    this.#closed ??= new UpstreamError('unreachable', 'the server closed the connection unexpectedly');
    this.#wake();
  };
}
