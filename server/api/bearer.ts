import type { IncomingMessage } from 'node:http';
import { deriveKeys, equalBytes, type ScramVerifier } from '../../proxy/wire/scram.ts';

/** What a client shows: the grant's id, which is no secret, and its token. */
export interface Bearer {
  readonly grant: string;
  readonly token: string;
}

/** RFC 6750 section 2.1, with the user name and the password of a grant joined by a dot. */
const FORM = /^Bearer +([a-z][a-z0-9]{7})\.([A-Za-z0-9_]{1,100})$/i;

/** null: there is none, or more than one, or it has another form. */
export function bearerOf(request: IncomingMessage): Bearer | null {
  const given = request.headersDistinct.authorization ?? [];
  const [, grant, token] = (given.length === 1 ? FORM.exec(given[0] as string) : null) ?? [];
  return grant === undefined || token === undefined ? null : { grant, token };
}

/** Whether a verifier was made of this token. Takes the same time whatever differs, and runs on the thread pool. */
export async function provesToken(token: string, verifier: ScramVerifier): Promise<boolean> {
  const { storedKey } = await deriveKeys(token, verifier.salt, verifier.iterations);
  return equalBytes(storedKey, verifier.storedKey);
}
