import { canonicalJson } from '../canonical-json.ts';
import { type RedisClient, requestKey, whenReady } from '../redis.ts';
import { REPLACE } from '../scripts.ts';
import type { Signer } from '../signing.ts';
import { GRANT_ID } from '../token.ts';
import type { AccessRequest } from './access-request.ts';

/** How long requests are kept after they were asked, ms. */
export const HISTORY: number = 90 * 24 * 60 * 60 * 1000;

/** What is stored under a request's id is not what was signed for that id. */
export class TamperedRequestError extends Error {
  override name = 'TamperedRequestError';
}

export interface StoredRequest {
  readonly request: AccessRequest;
  /** Of the requester's token; null: more time for a grant, whose token stays. */
  readonly verifier: string | null;
}

export interface FoundRequest {
  readonly stored: StoredRequest;
  readonly signature: string;
}

/** Access requests as Redis holds them, each signed as a whole. */
export class RequestDocuments {
  readonly #redis: RedisClient;
  readonly #signer: Signer;

  constructor(redis: RedisClient, signer: Signer) {
    this.#redis = redis;
    this.#signer = signer;
  }

  /** null: there is none. Throws TamperedRequestError. */
  async read(id: string): Promise<FoundRequest | null> {
    if (!GRANT_ID.test(id)) return null;
    await whenReady(this.#redis);
    const [document, signature] = await this.#redis.hmget(requestKey(id), 'document', 'signature');
    if (document == null && signature == null) return null;
    if (document == null || signature == null || !this.#signer.verify('request', document, signature))
      throw new TamperedRequestError(id);
    const stored = JSON.parse(document) as StoredRequest; // signed by us: it is what we wrote
    if (stored.request.id !== id) throw new TamperedRequestError(id);
    return { stored, signature };
  }

  /** False: there is one already. */
  add(stored: StoredRequest): Promise<boolean> {
    return this.#put('', stored);
  }

  /** False: it is no longer what was found. */
  replace({ signature }: FoundRequest, stored: StoredRequest): Promise<boolean> {
    return this.#put(signature, stored);
  }

  /** Takes a replacement back, unless somebody has gone on from it. */
  async restore({ stored }: FoundRequest, replacement: StoredRequest): Promise<void> {
    await this.#put(this.#signer.sign('request', canonicalJson(replacement)), stored);
  }

  async #put(before: string, stored: StoredRequest): Promise<boolean> {
    const document = canonicalJson(stored);
    const keys = [requestKey(stored.request.id)];
    const until = Date.parse(stored.request.askedAt) + HISTORY;
    const args = [before, document, this.#signer.sign('request', document), until];
    return (await REPLACE.run(this.#redis, { keys, args })) === 1;
  }
}
