/** Between a parser's process and its parent: a byte that says what comes, its length in four, and that. */
import { release } from '../proxy/wire/long-frame.ts';

export const FRAME = { sql: 0, json: 1, nothingHidden: 2, text: 3, facts: 4 } as const;

export const HEADER_LENGTH = 5;

export function frameHeader(kind: number, length: number): Buffer {
  const header = Buffer.allocUnsafe(HEADER_LENGTH);
  header.writeUInt32BE(length, header.writeUInt8(kind));
  return header;
}

export function parseHeader(header: Buffer): { readonly kind: number; readonly length: number } {
  return { kind: header.readUInt8(0), length: header.readUInt32BE(1) };
}

/** Puts frames together, each in the memory that it needs, piece by piece: joining a megabyte at its end takes long. */
export class FrameJoiner {
  readonly #take: (kind: number, body: Buffer) => void;
  #kind: number | null = null;
  #body = Buffer.allocUnsafeSlow(HEADER_LENGTH);
  #filled = 0;

  constructor(take: (kind: number, body: Buffer) => void) {
    this.#take = take;
  }

  /** The chunk is released. */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const copied = chunk.copy(this.#body, this.#filled, at);
      at += copied;
      this.#filled += copied;
      while (this.#filled === this.#body.length) this.#complete();
    }
    release(chunk);
  }

  #complete(): void {
    const [kind, body] = [this.#kind, this.#body];
    if (kind === null) {
      const header = parseHeader(body);
      this.#kind = header.kind;
      this.#body = Buffer.allocUnsafeSlow(header.length);
    } else {
      this.#kind = null;
      this.#body = Buffer.allocUnsafeSlow(HEADER_LENGTH);
    }
    this.#filled = 0;
    if (kind !== null) this.#take(kind, body);
  }
}
