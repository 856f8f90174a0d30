import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { saslprep } from '@mongodb-js/saslprep';
import { ProtocolError } from './protocol-error.ts';

/**
 * What both sides of SCRAM-SHA-256 (RFC 5802, RFC 7677) share: key derivation, message attributes, comparisons.
 */

export const SCRAM_SHA_256 = 'SCRAM-SHA-256';
/** With channel binding, of type tls-server-end-point (RFC 5929): the only one PostgreSQL has. */
export const SCRAM_SHA_256_PLUS = 'SCRAM-SHA-256-PLUS';
export const CHANNEL_BINDING_TYPE = 'tls-server-end-point';

export const KEY_LENGTH = 32;
/** 18 random bytes are 24 characters of base64, as PostgreSQL's nonces. */
export const NONCE_BYTES = 18;

/** RFC 5802 section 3: what a server keeps instead of the password. */
export interface ScramVerifier {
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

export interface ScramKeys {
  readonly clientKey: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

const pbkdf2Async = promisify(pbkdf2);

/** RFC 5802 section 3; the costly part runs on the thread pool. */
export async function deriveKeys(password: string, salt: Uint8Array, iterations: number): Promise<ScramKeys> {
  const saltedPassword = await pbkdf2Async(preparePassword(password), salt, iterations, KEY_LENGTH, 'sha256');
  const clientKey = hmac(saltedPassword, 'Client Key');
  return { clientKey, storedKey: sha256(clientKey), serverKey: hmac(saltedPassword, 'Server Key') };
}

/** SASLprep (RFC 4013), or the password as it is where that does not apply, as PostgreSQL does. */
function preparePassword(password: string): string {
  try {
    return saslprep(password);
  } catch {
    return password;
  }
}

export function hmac(key: Uint8Array, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

export function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

/** `a` and `b` must be equally long. */
export function xor(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(a.map((byte, index) => byte ^ (b[index] as number)));
}

/** Takes the same time wherever the two differ; lengths are no secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

export function malformed(detail: string): ProtocolError {
  return new ProtocolError('malformed SCRAM message', '08P01', detail);
}

/** Reads `x=value` attributes in order (RFC 5802 section 5.1); values hold no comma. */
export class AttributeReader {
  readonly #attributes: readonly string[];
  #next = 0;

  constructor(message: string) {
    if (message.includes('\0')) throw malformed('Message length does not match input length.');
    this.#attributes = message.split(',');
  }

  /** The value of the next attribute, which must be `name`. */
  value(name: string): string {
    const attribute = this.#attributes[this.#next];
    if (attribute === undefined || !attribute.startsWith(`${name}=`)) {
      throw malformed(`Attribute "${name}" expected.`);
    }
    this.#next += 1;
    return attribute.slice(name.length + 1);
  }

  /** Optional extensions are ignored, up to the attribute `until` where one must follow. */
  skipExtensions(until: string | null): void {
    for (; this.#next < this.#attributes.length; this.#next += 1) {
      const attribute = this.#attributes[this.#next] as string;
      if (until !== null && attribute.startsWith(`${until}=`)) return;
      if (!/^[A-Za-z]=./s.test(attribute)) throw malformed('Invalid attribute.');
    }
  }

  /** Nothing but extensions may follow. */
  end(): void {
    this.skipExtensions(null);
  }

  /** Nothing at all may follow: what has been read of a client-final-message ends with its proof. */
  last(): void {
    if (this.#next !== this.#attributes.length)
      throw malformed('Garbage found at the end of client-final-message.');
  }
}

const PRINTABLE_EXCEPT_COMMA = /^[\x21-\x2b\x2d-\x7e]+$/;

export function checkNonce(nonce: string): string {
  if (!PRINTABLE_EXCEPT_COMMA.test(nonce)) throw malformed('Non-printable characters in SCRAM nonce.');
  return nonce;
}

/** Canonical base64 only: Buffer.from would skip over whatever is not. */
export function decodeBase64(text: string, what: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw malformed(`Malformed ${what}.`);
  return bytes;
}
