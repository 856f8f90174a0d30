import { hash } from 'node:crypto';

/**
 * A token of ours that found its way into an event (sent as SQL, quoted in a connection string). Defence in depth only:
 * real ones have 28 characters; far shorter words are left alone, or calling a table `pst_x` would hide it from the
 * trail. The digest tells two of them apart and gives nothing away.
 */
const TOKEN = /pst_[A-Za-z0-9]{16,}/g;
const mask = (token: string): string => `pst_***${hash('sha256', token, 'hex').slice(0, 8)}`;

/** JSON without our tokens. */
export const masked = (json: string): string => (json.includes('pst_') ? json.replace(TOKEN, mask) : json);

/** Nothing to do for values without one of these. */
const SUSPECT = /pass|:\/\//i;
/** `password=...` in a connection string, and `user:password@` in a URL, within a string of JSON. Bounded, so that no text takes long. */
const CONNINFO = /(pass(?:word|wd|file|phrase)?\s*=\s*)(?:'[^'"\\]{0,500}'?|[^\s'"&\\]{1,500})/gi;
const URL_PASSWORD = /((?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@"\\]{0,100}:)[^\s@"\\]{0,500}@/gi;

/** JSON of values that a client binds, or of what it is told of them: also without passwords of connection strings. */
export function maskedValues(json: string): string {
  const whole = masked(json);
  if (!SUSPECT.test(whole)) return whole;
  return whole.replace(CONNINFO, '$1***').replace(URL_PASSWORD, '$1***@');
}

/**
 * A text as it will stand in a line of the trail: a JSON string in UTF-8, tokens masked. For a text of a megabyte that
 * takes milliseconds, so it is made where nobody waits for them, and goes into an event as `sqlJson`.
 */
export const encodeText = (text: string): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(masked(JSON.stringify(text)));
