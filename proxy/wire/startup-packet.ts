import { BodyReader } from './body-reader.ts';
import { ProtocolError } from './protocol-error.ts';

/** What a client may send before the session has a protocol; `length` is the number of bytes it took. */
export type StartupPacket =
  | { readonly kind: 'incomplete' }
  /** The first byte of a TLS record: `sslnegotiation=direct`. Nothing is consumed. */
  | { readonly kind: 'direct-tls'; readonly length: 0 }
  | { readonly kind: 'ssl'; readonly length: number }
  | { readonly kind: 'gssenc'; readonly length: number }
  | CancelRequest
  | StartupMessage;

export interface CancelRequest {
  readonly kind: 'cancel';
  readonly length: number;
  readonly processId: number;
  /** 4 to 256 bytes; a copy. */
  readonly secretKey: Uint8Array;
}

export interface StartupMessage {
  readonly kind: 'startup';
  readonly length: number;
  /** Always 3; `minor` may be newer than what is spoken here: see negotiateProtocolVersion. */
  readonly major: number;
  readonly minor: number;
  /** Names as sent. Setting names are case-insensitive to PostgreSQL; `user`, `database`, `options`, `replication` are not. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Names of protocol options (`_pq_.` and more), none of which is spoken here. */
  readonly unsupportedOptions: readonly string[];
}

/** Newest protocol spoken: 3.2 (PostgreSQL 18), whose cancel keys may be longer than 4 bytes. */
export const PROTOCOL_MAJOR = 3;
export const NEWEST_PROTOCOL_MINOR = 2;

/** As PostgreSQL's MAX_STARTUP_PACKET_LENGTH: bytes after the length word. */
export const MAX_STARTUP_PACKET_LENGTH = 10_000;

export const MIN_SECRET_KEY_LENGTH = 4;
export const MAX_SECRET_KEY_LENGTH = 256;

/** Request codes, in the place of a protocol version. */
const CANCEL_REQUEST = 80877102;
const SSL_REQUEST = 80877103;
const GSSENC_REQUEST = 80877104;

const TLS_HANDSHAKE_RECORD = 0x16;
const LENGTH_LENGTH = 4;
const CODE_LENGTH = 4;

/**
 * Reads the packet at the start of `buffer`, which may hold less or more than one. A length out of bounds is refused
 * from its four bytes alone, so that at most MAX_STARTUP_PACKET_LENGTH bytes are ever awaited.
 * @throws ProtocolError on anything malformed
 */
export function readStartupPacket(buffer: Buffer): StartupPacket {
  if (buffer.length === 0) return { kind: 'incomplete' };
  // As the first byte of a length it would mean 352 MiB and more, so the two can't be confused.
  if (buffer[0] === TLS_HANDSHAKE_RECORD) return { kind: 'direct-tls', length: 0 };
  if (buffer.length < LENGTH_LENGTH) return { kind: 'incomplete' };

  const length = buffer.readUInt32BE(0);
  if (length < LENGTH_LENGTH + CODE_LENGTH || length - LENGTH_LENGTH > MAX_STARTUP_PACKET_LENGTH) {
    throw new ProtocolError('invalid length of startup packet');
  }
  if (buffer.length < length) return { kind: 'incomplete' };
  return readPacket(new BodyReader(buffer.subarray(LENGTH_LENGTH, length)), length);
}

function readPacket(body: BodyReader, length: number): StartupPacket {
  const code = body.uint32();
  switch (code) {
    case SSL_REQUEST:
      body.end();
      return { kind: 'ssl', length };
    case GSSENC_REQUEST:
      body.end();
      return { kind: 'gssenc', length };
    case CANCEL_REQUEST:
      return readCancelRequest(body, length);
    default:
      return readStartupMessage(body, length, code >>> 16, code & 0xffff);
  }
}

function readCancelRequest(body: BodyReader, length: number): CancelRequest {
  const processId = body.int32();
  const secretKey = Uint8Array.from(body.rest());
  if (secretKey.length < MIN_SECRET_KEY_LENGTH || secretKey.length > MAX_SECRET_KEY_LENGTH) {
    throw new ProtocolError('invalid length of cancel request packet');
  }
  return { kind: 'cancel', length, processId, secretKey };
}

function readStartupMessage(body: BodyReader, length: number, major: number, minor: number): StartupMessage {
  if (major !== PROTOCOL_MAJOR) {
    throw new ProtocolError(
      `unsupported frontend protocol ${major}.${minor}: server supports 3.0 to ${PROTOCOL_MAJOR}.${NEWEST_PROTOCOL_MINOR}`,
      '0A000',
    );
  }
  const parameters = new Map<string, string>();
  const unsupportedOptions: string[] = [];
  const seen = new Set<string>();
  for (let name = body.string(); name !== ''; name = body.string()) {
    const value = body.string();
    // INVARIANT: one value a parameter, however its name is spelt: what was checked is what PostgreSQL will read.
    const key = name.toLowerCase();
    if (seen.has(key)) throw new ProtocolError(`duplicate parameter "${name}" in startup packet`);
    seen.add(key);
    if (name.startsWith('_pq_.')) unsupportedOptions.push(name);
    else parameters.set(name, value);
  }
  body.end();
  return { kind: 'startup', length, major, minor, parameters, unsupportedOptions };
}
