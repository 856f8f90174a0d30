import { isUtf8 } from 'node:buffer';
import { ProtocolError } from './protocol-error.ts';

/** NAMEDATALEN - 1: PostgreSQL finds statements and portals by so many bytes of their names, and no more. */
const NAME_LENGTH = 63;

/**
 * Reads the fields of one message, given exactly its body. Every read is checked against the body's end, so that no
 * field can borrow bytes from the next message, and `end` insists that nothing is left over.
 */
export class BodyReader {
  readonly #body: Buffer;
  #offset = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  get offset(): number {
    return this.#offset;
  }

  byte(): number {
    return this.#body[this.#advance(1)] as number;
  }

  uint16(): number {
    return this.#body.readUInt16BE(this.#advance(2));
  }

  int32(): number {
    return this.#body.readInt32BE(this.#advance(4));
  }

  uint32(): number {
    return this.#body.readUInt32BE(this.#advance(4));
  }

  /** A view, not a copy: valid as long as the body is. */
  bytes(length: number): Buffer {
    const start = this.#advance(length);
    return this.#body.subarray(start, start + length);
  }

  /** A view of whatever is left. */
  rest(): Buffer {
    return this.bytes(this.#body.length - this.#offset);
  }

  skip(length: number): void {
    this.#advance(length);
  }

  /** A NUL-terminated string in UTF-8, without its NUL. */
  string(): string {
    // Most names on the wire are those of the unnamed statement and portal.
    if (this.#body[this.#offset] === 0) {
      this.#offset += 1;
      return '';
    }
    return decodeUtf8(this.#terminated());
  }

  /**
   * The name of a prepared statement or portal, cut as PostgreSQL cuts it: names that are one to the server must be one
   * here, or a decision could be moved from one statement to another.
   * @throws ProtocolError also where the cut would go through a character
   */
  name(): string {
    if (this.#body[this.#offset] === 0) return this.string();
    return this.#shortAscii() ?? this.#longName();
  }

  /** What most names are: no more than NAME_LENGTH bytes, of ASCII only. Nothing is read if this one is not. */
  #shortAscii(): string | null {
    const start = this.#offset;
    const last = Math.min(start + NAME_LENGTH, this.#body.length - 1);
    for (let at = start; at <= last; at += 1) {
      const byte = this.#body[at] as number;
      if (byte > 0x7f) return null;
      if (byte !== 0) continue;
      this.#offset = at + 1;
      return this.#body.toString('latin1', start, at);
    }
    return null;
  }

  #longName(): string {
    const bytes = this.#terminated();
    const whole = decodeUtf8(bytes);
    return bytes.length <= NAME_LENGTH ? whole : decodeUtf8(bytes.subarray(0, NAME_LENGTH));
  }

  /**
   * As `string`, with U+FFFD for what is not UTF-8: a server reports some errors before it knows of any encoding. For
   * reports only, never for what a decision rests on.
   */
  lenientString(): string {
    return this.#terminated().toString('utf8');
  }

  /** `count` items of `size` bytes must still be there: checked before anything is allocated for them. */
  ensure(count: number, size: number): void {
    if (count * size > this.#body.length - this.#offset) throw insufficient();
  }

  end(): void {
    if (this.#offset !== this.#body.length) throw new ProtocolError('invalid message format');
  }

  #terminated(): Buffer {
    const start = this.#offset;
    const end = this.#body.indexOf(0, start);
    if (end === -1) throw new ProtocolError('invalid string in message');
    this.#offset = end + 1;
    return this.#body.subarray(start, end);
  }

  #advance(length: number): number {
    const start = this.#offset;
    if (length < 0 || length > this.#body.length - start) throw insufficient();
    this.#offset = start + length;
    return start;
  }
}

/** Strict: what is not UTF-8 is refused, never replaced. */
export function decodeUtf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new ProtocolError('invalid byte sequence for encoding "UTF8"', '22021');
  return bytes.toString('utf8');
}

function insufficient(): ProtocolError {
  return new ProtocolError('insufficient data left in message');
}
