import { z } from 'zod';
import type { ScramVerifier } from '../proxy/ports.ts';
import { canonicalJson } from './canonical-json.ts';
import { type Grant, parseGrant } from './grant.ts';
import { formatScramVerifier, parseScramVerifier } from './scram-verifier.ts';
import type { Signer, SigningUse } from './signing.ts';

/** `past` is what lets the holder of a grant that is over be told so; its signature makes no grant of it again. */
export type GrantUse = Extract<SigningUse, 'grant' | 'past'>;

/** A grant as Redis holds it: the signature is over the exact bytes of the document. */
export interface SealedGrant {
  readonly document: string;
  readonly signature: string;
}

/** A grant whose signature is good, with the verifier of its token. */
export interface VerifiedGrant {
  readonly grant: Grant;
  readonly verifier: ScramVerifier;
  readonly signature: string;
  readonly use: GrantUse;
  /** Unix ms. */
  readonly expiresAt: number;
}

/** What is stored under a grant's id is not what an issuer signed for that id. */
export class TamperedGrantError extends Error {
  readonly grant: string;

  constructor(grant: string) {
    super(`grant ${grant}: what is stored is not what was signed`);
    this.name = 'TamperedGrantError';
    this.grant = grant;
  }
}

/**
 * INVARIANT: the signature covers the id, everything that is granted and the SCRAM verifier; none of them can be
 * changed, or moved under another id, by whoever writes to Redis.
 */
export function sealGrant(
  signer: Signer,
  use: GrantUse,
  { grant, verifier }: Pick<VerifiedGrant, 'grant' | 'verifier'>,
): SealedGrant {
  const document = canonicalJson({ grant, verifier: formatScramVerifier(verifier) });
  return { document, signature: signer.sign(use, document) };
}

/** A grant has one document after another as it is extended: the same in all but a later end, and who approved that. */
export function isExtensionOf(later: VerifiedGrant, earlier: VerifiedGrant): boolean {
  const [one, other] = [later, earlier].map(({ grant, verifier, use }) =>
    canonicalJson({
      ...{ use, verifier: formatScramVerifier(verifier) },
      grant: { ...grant, expiresAt: null, approvedBy: null },
    }),
  );
  return one === other && later.expiresAt > earlier.expiresAt;
}

const documentSchema = z.strictObject({ grant: z.unknown(), verifier: z.string() });

/** Throws TamperedGrantError unless `sealed` is what an issuer signed for this very use and id. */
export function openGrant(signer: Signer, use: GrantUse, id: string, sealed: SealedGrant): VerifiedGrant {
  if (!signer.verify(use, sealed.document, sealed.signature)) throw new TamperedGrantError(id);
  const document = documentSchema.parse(JSON.parse(sealed.document)); // signed by us: can't be malformed
  const grant = parseGrant(document.grant);
  const verifier = parseScramVerifier(document.verifier);
  if (grant.id !== id || !verifier) throw new TamperedGrantError(id);
  return { grant, verifier, signature: sealed.signature, use, expiresAt: Date.parse(grant.expiresAt) };
}
