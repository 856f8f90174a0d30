import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { ScramVerifier } from '../proxy/ports.ts';

/** RFC 7677 section 4 asks for at least 4096. A token's 160 random bits need no slower hash. */
const ITERATIONS = 4096;
const SALT_LENGTH = 16;
const KEY_LENGTH = 32;

const derive = promisify(pbkdf2);

/**
 * The SCRAM-SHA-256 verifier of a token under a random salt. Tokens are ASCII, for which SASLprep (RFC 4013) is the
 * identity.
 */
export async function createScramVerifier(token: string): Promise<ScramVerifier> {
  const salt = randomBytes(SALT_LENGTH);
  const salted = await derive(token, salt, ITERATIONS, KEY_LENGTH, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  return {
    iterations: ITERATIONS,
    salt,
    storedKey: createHash('sha256').update(clientKey).digest(),
    serverKey: createHmac('sha256', salted).update('Server Key').digest(),
  };
}

/** As PostgreSQL prints it in pg_authid.rolpassword: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`. */
export function formatScramVerifier(verifier: ScramVerifier): string {
  const [salt, storedKey, serverKey] = [verifier.salt, verifier.storedKey, verifier.serverKey].map(base64);
  return `SCRAM-SHA-256$${verifier.iterations}:${salt}$${storedKey}:${serverKey}`;
}

const FORMAT = /^SCRAM-SHA-256\$(\d{4,7}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]{44}):([A-Za-z0-9+/=]{44})$/;

/** Reads what formatScramVerifier printed; null for anything else. */
export function parseScramVerifier(text: string): ScramVerifier | null {
  const match = FORMAT.exec(text);
  if (!match) return null;
  return {
    iterations: Number(match[1]),
    salt: Buffer.from(match[2]!, 'base64'),
    storedKey: Buffer.from(match[3]!, 'base64'),
    serverKey: Buffer.from(match[4]!, 'base64'),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
