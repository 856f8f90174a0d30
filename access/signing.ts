import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';

/** What a signature of those who use the API is for. */
type PrincipalUse = 'account' | 'api-token' | 'login' | 'mark' | 'first-admin';

/** What a signature is for. Each use has its own key, so that no signature of one passes as one of another. */
export type SigningUse =
  | PrincipalUse
  | 'grant'
  | 'past'
  | 'control'
  | 'habits'
  | 'model'
  | 'request'
  | 'hold'
  | 'event'
  | 'verdict';

/** Shortest `signingKey` accepted, in characters. */
export const MIN_SIGNING_KEY = 32;

export class SigningKeyError extends Error {
  override name = 'SigningKeyError';
}

/**
 * HMAC-SHA256 under keys derived from the configured `signingKey` by HKDF (RFC 5869). Whoever can write to Redis but
 * does not have this key can neither make nor change a grant or a control message.
 */
export class Signer {
  /** As key objects: of bytes, each signature would make one anew, which takes ten times as long as signing. */
  readonly #keys: Readonly<Record<SigningUse, KeyObject>>;

  /** Throws SigningKeyError if the key is shorter than MIN_SIGNING_KEY. The key itself is never in the message. */
  constructor(signingKey: string) {
    if (signingKey.length < MIN_SIGNING_KEY) {
      throw new SigningKeyError(
        `signingKey has ${signingKey.length} characters and needs at least ${MIN_SIGNING_KEY}; ` +
          'make one with: openssl rand -hex 32',
      );
    }
    const key = (use: SigningUse): KeyObject => derive(signingKey, use);
    this.#keys = {
      grant: key('grant'),
      past: key('past'),
      control: key('control'),
      habits: key('habits'),
      model: key('model'),
      request: key('request'),
      account: key('account'),
      'api-token': key('api-token'),
      login: key('login'),
      mark: key('mark'),
      'first-admin': key('first-admin'),
      hold: key('hold'),
      event: key('event'),
      verdict: key('verdict'),
    };
  }

  /** base64url of the HMAC over the UTF-8 bytes of `text`. */
  sign(use: SigningUse, text: string): string {
    return createHmac('sha256', this.#keys[use]).update(text, 'utf8').digest('base64url');
  }

  /** Compares in constant time; false for anything that is not exactly the signature. */
  verify(use: SigningUse, text: string, signature: string): boolean {
    const expected = Buffer.from(this.sign(use, text));
    const given = Buffer.from(signature);
    return expected.length === given.length && timingSafeEqual(expected, given);
  }
}

function derive(signingKey: string, use: SigningUse): KeyObject {
  return createSecretKey(new Uint8Array(hkdfSync('sha256', signingKey, '', `postern ${use} v1`, 32)));
}
