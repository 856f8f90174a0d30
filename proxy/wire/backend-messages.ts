import { BodyReader } from './body-reader.ts';
import { BACKEND, HEADER_LENGTH, LENGTH_LENGTH } from './message-types.ts';
import { ProtocolError } from './protocol-error.ts';
import {
  MAX_SECRET_KEY_LENGTH,
  MIN_SECRET_KEY_LENGTH,
  NEWEST_PROTOCOL_MINOR,
  PROTOCOL_MAJOR,
} from './startup-packet.ts';

/**
 * What the proxy itself says to clients, as whole frames, and readers for the few upstream messages it must understand
 * (given the body of exactly one message). Strings lose their NULs: one would end its field early and let text in the
 * middle of it be read as the next.
 */

export type ErrorSeverity = 'ERROR' | 'FATAL' | 'PANIC';
export type NoticeSeverity = 'WARNING' | 'NOTICE' | 'DEBUG' | 'INFO' | 'LOG';

export interface MessageFields {
  readonly sqlstate: string;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  /** Characters from 1 into the statement text. */
  readonly position?: number | undefined;
}

/** I: idle, T: in a transaction block, E: in a failed one. */
export type TransactionStatus = 'I' | 'T' | 'E';

const AUTHENTICATION = { ok: 0, sasl: 10, saslContinue: 11, saslFinal: 12 } as const;

export function authenticationOk(): Buffer {
  return frame(BACKEND.authentication, int32(AUTHENTICATION.ok));
}

export function authenticationSasl(mechanisms: readonly string[]): Buffer {
  return frame(BACKEND.authentication, int32(AUTHENTICATION.sasl), ...mechanisms.map(cstring), NUL);
}

export function authenticationSaslContinue(data: string): Buffer {
  return frame(BACKEND.authentication, int32(AUTHENTICATION.saslContinue), Buffer.from(data));
}

export function authenticationSaslFinal(data: string): Buffer {
  return frame(BACKEND.authentication, int32(AUTHENTICATION.saslFinal), Buffer.from(data));
}

export function errorResponse(severity: ErrorSeverity, fields: MessageFields): Buffer {
  return frame(BACKEND.error, ...messageFields(severity, fields));
}

export function noticeResponse(severity: NoticeSeverity, fields: MessageFields): Buffer {
  return frame(BACKEND.notice, ...messageFields(severity, fields));
}

export function parameterStatus(name: string, value: string): Buffer {
  return frame(BACKEND.parameterStatus, cstring(name), cstring(value));
}

/** `secretKey`: 4 bytes below protocol 3.2, 4 to 256 from there on. `processId` is positive: some clients refuse to cancel otherwise. */
export function backendKeyData(processId: number, secretKey: Uint8Array): Buffer {
  assertKeyLength(secretKey.length);
  return frame(BACKEND.backendKeyData, int32(processId), secretKey);
}

export function readyForQuery(status: TransactionStatus): Buffer {
  return frame(BACKEND.readyForQuery, Buffer.from(status));
}

/**
 * Answers a StartupMessage that asks for a newer minor version or for protocol options: the newest version spoken
 * (whole, as PostgreSQL sends it) and the names of the options that are not.
 */
export function negotiateProtocolVersion(minor: number, unsupportedOptions: readonly string[]): Buffer {
  const version = PROTOCOL_MAJOR * 0x10000 + Math.min(minor, NEWEST_PROTOCOL_MINOR);
  return frame(
    BACKEND.negotiateProtocolVersion,
    int32(version),
    int32(unsupportedOptions.length),
    ...unsupportedOptions.map(cstring),
  );
}

export function commandComplete(tag: string): Buffer {
  return frame(BACKEND.commandComplete, cstring(tag));
}

/** Field code (S, V, C, M, D, H, P ...) to value, of an ErrorResponse or NoticeResponse. */
export function readErrorFields(body: Buffer): ReadonlyMap<string, string> {
  const reader = new BodyReader(body);
  const fields = new Map<string, string>();
  for (let code = reader.byte(); code !== 0; code = reader.byte()) {
    fields.set(String.fromCharCode(code), reader.lenientString());
  }
  reader.end();
  return fields;
}

export function readParameterStatus(body: Buffer): { readonly name: string; readonly value: string } {
  const reader = new BodyReader(body);
  const name = reader.string();
  const value = reader.lenientString();
  reader.end();
  return { name, value };
}

/** The tag of a CommandComplete whose body stands from `start` to `end`, such as `INSERT 0 1`. Tags are ASCII. */
export function commandTag(buffer: Buffer, start = 0, end = buffer.length): string {
  return buffer.toString('latin1', start, end - 1);
}

const NUL = Buffer.alloc(1);

/** S is for people and may be localized by a server; V never is. Ours are the same. */
function messageFields(severity: string, fields: MessageFields): readonly Buffer[] {
  const parts = [
    field('S', severity),
    field('V', severity),
    field('C', fields.sqlstate),
    field('M', fields.message),
  ];
  if (fields.detail !== undefined) parts.push(field('D', fields.detail));
  if (fields.hint !== undefined) parts.push(field('H', fields.hint));
  if (fields.position !== undefined) parts.push(field('P', String(fields.position)));
  return [...parts, NUL];
}

function field(code: string, value: string): Buffer {
  return cstring(code + value);
}

function frame(type: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, HEADER_LENGTH);
  const header = Buffer.allocUnsafe(HEADER_LENGTH);
  header[0] = type;
  header.writeUInt32BE(length - HEADER_LENGTH + LENGTH_LENGTH, 1);
  return Buffer.concat([header, ...parts], length);
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function cstring(text: string): Buffer {
  return Buffer.from(`${text.replaceAll('\0', '')}\0`);
}

function assertKeyLength(length: number): void {
  if (length < MIN_SECRET_KEY_LENGTH || length > MAX_SECRET_KEY_LENGTH) {
    throw new ProtocolError(`invalid length of cancel key: ${length}`);
  }
}
