/** Bytes on their way to the upstream's queue: adjacent frames of one chunk leave as one slice of it. */
export class Forwarder {
  readonly #queue: (bytes: Buffer) => void;
  #buffer: Buffer | null = null;
  #from = 0;
  #to = 0;

  constructor(queue: (bytes: Buffer) => void) {
    this.#queue = queue;
  }

  /** The bytes of `buffer` from `start` to `end`, as they are. */
  forward(buffer: Buffer, start: number, end: number): void {
    if (this.#buffer === buffer && this.#to === start) {
      this.#to = end;
      return;
    }
    this.flush();
    this.#buffer = buffer;
    this.#from = start;
    this.#to = end;
  }

  /** Bytes of our own, behind what has been forwarded. */
  send(bytes: Buffer): void {
    this.flush();
    this.#queue(bytes);
  }

  flush(): void {
    if (this.#buffer === null) return;
    const whole = this.#from === 0 && this.#to === this.#buffer.length;
    this.#queue(whole ? this.#buffer : this.#buffer.subarray(this.#from, this.#to));
    this.#buffer = null;
  }
}
