/** As much of Protocol Buffers' wire format as ONNX files need (protobuf.dev, "Encoding"). */

/** The fields of a message by number, each time they occur: numbers for varints and fixed32, bytes for the rest. */
export type Message = ReadonlyMap<number, readonly (number | Uint8Array)[]>;

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

export class MessageWriter {
  readonly #parts: Uint8Array[] = [];

  int(field: number, value: number): this {
    this.#parts.push(varint(field * 8 + VARINT), varint(value));
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#parts.push(varint(field * 8 + BYTES), varint(value.length), value);
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value, 'utf8'));
  }

  message(field: number, value: MessageWriter): this {
    return this.bytes(field, value.finish());
  }

  /** Packed. */
  ints(field: number, values: Iterable<number>): this {
    return this.bytes(field, Buffer.concat(Array.from(values, varint)));
  }

  /** Packed. */
  floats(field: number, values: Iterable<number>): this {
    return this.bytes(field, floatBytes(values));
  }

  finish(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}

/** Little-endian single precision, on any host. */
export function floatBytes(values: Iterable<number>): Uint8Array {
  const list = Float32Array.from(values);
  const bytes = Buffer.alloc(4 * list.length);
  list.forEach((value, index) => {
    bytes.writeFloatLE(value, 4 * index);
  });
  return bytes;
}

export function floatsIn(bytes: Uint8Array): Float32Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => buffer.readFloatLE(4 * index));
}

/** Not negative, and exact in a double. */
function varint(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} cannot be encoded`);
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** Throws a RangeError where the bytes are no message. */
export function readMessage(bytes: Uint8Array): Message {
  const fields = new Map<number, (number | Uint8Array)[]>();
  const reader = new Reader(bytes);
  while (!reader.done) {
    const key = reader.varint();
    const values = fields.get(Math.floor(key / 8)) ?? [];
    values.push(reader.value(key % 8));
    fields.set(Math.floor(key / 8), values);
  }
  return fields;
}

export function intsIn(bytes: Uint8Array): number[] {
  const reader = new Reader(bytes);
  const values: number[] = [];
  while (!reader.done) values.push(reader.varint());
  return values;
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 63; scale *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError('the message ends within a number');
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
    throw new RangeError('a number is too long');
  }

  value(type: number): number | Uint8Array {
    if (type === VARINT) return this.varint();
    if (type === BYTES) return this.#take(this.varint());
    if (type === FIXED32) return floatsIn(this.#take(4))[0] as number;
    if (type === FIXED64) return this.#take(8);
    throw new RangeError(`unknown wire type ${type}`);
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('the message is cut off');
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }
}
