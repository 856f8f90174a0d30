import { hash } from 'node:crypto';
import { maskSecrets, SUSPECT } from '../guardrails/redact/secret-texts.ts';

/**
 * A token of ours that found its way into an event (sent as SQL, quoted in a connection string). Defence in depth only:
 * real ones have 28 characters; far shorter words are left alone, or calling a table `pst_x` would hide it from the
 * trail. The digest tells two of them apart and gives nothing away.
 */
const TOKEN = /pst_[A-Za-z0-9]{16,}/g;
const mask = (token: string): string => `pst_***${hash('sha256', token, 'hex').slice(0, 8)}`;

/** Without our tokens: a text, or JSON. */
export const masked = (json: string): string => (json.includes('pst_') ? json.replace(TOKEN, mask) : json);

/** What somebody says (a value that is bound, a reason, a name), without secrets in it. */
export const maskedText = (text: string): string => maskSecrets(masked(text));

/** JSON, without secrets in its strings. */
export function maskedValues(value: unknown): string {
  const json = JSON.stringify(value);
  if (!SUSPECT.test(json)) return json;
  return JSON.stringify(JSON.parse(json), (_name, each) =>
    typeof each === 'string' ? maskedText(each) : each,
  );
}

/**
 * A text as it will stand in a line of the trail: a JSON string in UTF-8, tokens masked. For a text of a megabyte that
 * takes milliseconds, so it is made where nobody waits for them, and goes into an event as `sqlJson`.
 */
export const encodeText = (text: string): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(masked(JSON.stringify(text)));
