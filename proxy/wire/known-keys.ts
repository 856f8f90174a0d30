import { deriveKeys, type ScramKeys, sha256 } from './scram.ts';

/** The last passwords; a proxy has one for each database, or each grant. */
const MOST = 64;

const known = new Map<string, Promise<ScramKeys>>();

/**
 * The keys of a password, derived once for each salt: that is made to be slow, and a server gives a role the same salt every
 * time (RFC 5802, section 3: a client may keep them). What is kept does not tell the password.
 */
export function knownKeys(password: string, salt: Uint8Array, iterations: number): Promise<ScramKeys> {
  const place = sha256(
    Buffer.from(JSON.stringify([password, Buffer.from(salt).toString('base64'), iterations])),
  ).toString('base64');
  const kept = known.get(place);
  known.delete(place); // and becomes the newest
  const keys = kept ?? deriveKeys(password, salt, iterations);
  known.set(place, keys);
  keys.catch(() => known.delete(place));
  const [oldest] = known.keys();
  if (known.size > MOST && oldest !== undefined) known.delete(oldest);
  return keys;
}
