import { BodyReader, decodeUtf8 } from './body-reader.ts';
import { ProtocolError } from './protocol-error.ts';

/**
 * Decoders of what clients send after startup. Each is given the body of exactly one message (the frame without its
 * type byte and length) and accounts for all of it, or throws ProtocolError. Nothing returned refers to the body,
 * except where a comment says that it is a view.
 */

export interface ParseMessage {
  /** Prepared statement; '' is the unnamed one. */
  readonly name: string;
  readonly text: string;
  /** Type OIDs, 0 where the client leaves the type to the server. May be fewer than the parameters of the text. */
  readonly parameterTypes: readonly number[];
}

export interface BindMessage {
  readonly portal: string;
  readonly statement: string;
  /** 0 text, 1 binary; as sent: none (all text), one (for all), or one a parameter. PostgreSQL judges other counts and codes. */
  readonly parameterFormats: readonly number[];
  readonly parameterCount: number;
  /** Offset in the body at which the first parameter's length word stands: see bindParameters. */
  readonly parametersOffset: number;
  readonly resultFormats: readonly number[];
}

/** S: prepared statement, P: portal. */
export interface NamedObject {
  readonly target: 'S' | 'P';
  readonly name: string;
}

export interface ExecuteMessage {
  readonly portal: string;
  /** 0 (or less): all rows. */
  readonly maxRows: number;
}

export interface SaslInitialResponse {
  readonly mechanism: string;
  /** null: the client sent none. */
  readonly data: string | null;
}

export function decodeQuery(body: Buffer): string {
  return decodeOnlyString(body);
}

export function decodeParse(body: Buffer): ParseMessage {
  const reader = new BodyReader(body);
  const name = reader.name();
  const text = reader.string();
  const count = reader.uint16();
  reader.ensure(count, 4);
  const parameterTypes: number[] = [];
  for (let index = 0; index < count; index += 1) parameterTypes.push(reader.uint32());
  reader.end();
  return { name, text, parameterTypes };
}

export function decodeBind(body: Buffer): BindMessage {
  const reader = new BodyReader(body);
  const portal = reader.name();
  const statement = reader.name();
  const parameterFormats = readFormats(reader);
  const parameterCount = reader.uint16();
  const parametersOffset = reader.offset;
  for (let index = 0; index < parameterCount; index += 1) {
    const length = reader.int32();
    if (length !== NULL_LENGTH) reader.skip(length);
  }
  const resultFormats = readFormats(reader);
  reader.end();
  return { portal, statement, parameterFormats, parameterCount, parametersOffset, resultFormats };
}

/** The values of a Bind message decoded from this `body`, as views of it; null is SQL NULL. */
export function* bindParameters(body: Buffer, bind: BindMessage): Generator<Buffer | null> {
  let offset = bind.parametersOffset;
  for (let index = 0; index < bind.parameterCount; index += 1) {
    const length = body.readInt32BE(offset);
    offset += 4;
    if (length === NULL_LENGTH) {
      yield null;
    } else {
      yield body.subarray(offset, offset + length);
      offset += length;
    }
  }
}

export function decodeDescribe(body: Buffer): NamedObject {
  return decodeNamedObject(body, 'DESCRIBE');
}

export function decodeClose(body: Buffer): NamedObject {
  return decodeNamedObject(body, 'CLOSE');
}

export function decodeExecute(body: Buffer): ExecuteMessage {
  const reader = new BodyReader(body);
  const portal = reader.name();
  const maxRows = reader.int32();
  reader.end();
  return { portal, maxRows };
}

export function decodeCopyFail(body: Buffer): string {
  return decodeOnlyString(body);
}

export function decodeSaslInitialResponse(body: Buffer): SaslInitialResponse {
  const reader = new BodyReader(body);
  const mechanism = reader.string();
  const length = reader.int32();
  const data = length === NULL_LENGTH ? null : decodeUtf8(reader.bytes(length));
  reader.end();
  return { mechanism, data };
}

/** The whole body is the mechanism's data. */
export function decodeSaslResponse(body: Buffer): string {
  return decodeUtf8(body);
}

const NULL_LENGTH = -1;

function decodeOnlyString(body: Buffer): string {
  const reader = new BodyReader(body);
  const text = reader.string();
  reader.end();
  return text;
}

function decodeNamedObject(body: Buffer, message: string): NamedObject {
  const reader = new BodyReader(body);
  const target = reader.byte();
  const name = reader.name();
  reader.end();
  if (target === STATEMENT) return { target: 'S', name };
  if (target === PORTAL) return { target: 'P', name };
  throw new ProtocolError(`invalid ${message} message subtype ${target}`);
}

const STATEMENT = 0x53;
const PORTAL = 0x50;

function readFormats(reader: BodyReader): readonly number[] {
  const count = reader.uint16();
  if (count === 0) return NO_FORMATS;
  reader.ensure(count, 2);
  const formats: number[] = [];
  for (let index = 0; index < count; index += 1) formats.push(reader.uint16());
  return formats;
}

const NO_FORMATS: readonly number[] = [];
