const START_SIZE = 64 * 1024;
const KEPT_SIZE = 4 * 1024 * 1024;
const ZERO = 0x30;

const LARGEST_INT32 = 0x7fff_ffff;

/** A text that is written again and again, of ASCII characters only. */
export const piece = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const POINT = piece('.');

/** Bytes put together in place, to be written to a file as they are: pieces are copied once, and numbers are never strings. */
export class ByteWriter {
  #buffer: Buffer = Buffer.allocUnsafeSlow(START_SIZE);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A view, valid until the next piece. */
  view(from: number, to: number): Buffer {
    return this.#buffer.subarray(from, to);
  }

  /** Forget what stands behind `length`. Much room is not kept for nothing: texts of a megabyte come one after another. */
  truncate(length: number): void {
    this.#length = length;
    if (length === 0 && this.#buffer.length > KEPT_SIZE) this.#buffer = Buffer.allocUnsafeSlow(START_SIZE);
  }

  bytes(piece: Uint8Array): void {
    this.#reserve(piece.length);
    this.#buffer.set(piece, this.#length);
    this.#length += piece.length;
  }

  /** A text of ASCII characters only. One call: in a loop over strings of all kinds, V8 looks up each character's place. */
  ascii(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#buffer.write(text, this.#length, 'latin1');
  }

  /** A text, in UTF-8. */
  text(text: string): void {
    this.#reserve(3 * text.length);
    this.#length += this.#buffer.write(text, this.#length, 'utf8');
  }

  /** As JSON spells it. */
  number(value: number): void {
    if (value >= 0 && value <= LARGEST_INT32 && value === Math.floor(value)) this.#digits(value | 0, 1);
    else this.ascii(String(value));
  }

  /** A number of at most three decimals, as JSON spells it. */
  thousandths(value: number): void {
    const all = Math.round(value * 1000);
    if (!(all >= 0 && all <= LARGEST_INT32 && all / 1000 === value)) return this.ascii(String(value));
    const whole = (all / 1000) | 0;
    let rest = all - 1000 * whole;
    this.#digits(whole, 1);
    if (rest === 0) return;
    let places = 3;
    for (; rest % 10 === 0; places--) rest /= 10;
    this.bytes(POINT);
    this.#digits(rest, places);
  }

  /** With zeros in front for at least so many places. */
  #digits(value: number, places: number): void {
    let length = 1;
    for (let left = (value / 10) | 0; left > 0; left = (left / 10) | 0) length++;
    if (length < places) length = places;
    this.#reserve(length);
    const buffer = this.#buffer;
    let left = value;
    for (let at = this.#length + length - 1; at >= this.#length; at--) {
      const tenth = (left / 10) | 0;
      buffer[at] = ZERO + left - 10 * tenth;
      left = tenth;
    }
    this.#length += length;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
