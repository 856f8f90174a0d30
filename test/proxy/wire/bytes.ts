/** Protocol bytes as a test writes them: numbers by width, text as it is. */
export const int16 = (...values: readonly number[]): Buffer =>
  Buffer.concat(values.map((value) => Buffer.from([(value >> 8) & 0xff, value & 0xff])));

export const int32 = (...values: readonly number[]): Buffer =>
  Buffer.concat(
    values.map((value) => Buffer.from(new Uint8Array([value >> 24, value >> 16, value >> 8, value]))),
  );

export const cstring = (...texts: readonly string[]): Buffer =>
  Buffer.from(texts.map((text) => `${text}\0`).join(''));

export const join = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);

/** A body with its length in front, as startup packets have it. */
export const packet = (...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  return join(int32(body.length + 4), body);
};

/** A whole message: type byte, length, body. */
export const frame = (type: string, ...parts: readonly Uint8Array[]): Buffer =>
  join(Buffer.from(type, 'latin1'), packet(...parts));
