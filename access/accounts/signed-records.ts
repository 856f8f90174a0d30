import { canonicalJson } from '../canonical-json.ts';
import { type RedisClient, whenReady } from '../redis.ts';
import { REPLACE } from '../scripts.ts';
import type { Signer, SigningUse } from '../signing.ts';

/** What is stored under a name is not what was signed for it. */
export class TamperedRecordError extends Error {
  override name = 'TamperedRecordError';
}

export interface FoundRecord<T> {
  readonly value: T;
  readonly signature: string;
}

/** Of one kind: what they are signed as, and where they are. */
export interface RecordKind {
  readonly use: SigningUse;
  readonly key: (id: string) => string;
}

/** For what stays until it is removed: Unix ms. */
export const FOREVER = Date.UTC(9999, 0);

/**
 * Documents in Redis by their id, signed as grants are. INVARIANT: the signature covers the id, so that nobody who
 * writes to Redis makes one, changes one, or moves it to another id.
 */
export class SignedRecords<T extends { readonly id: string }> {
  readonly #redis: RedisClient;
  readonly #signer: Signer;
  readonly #kind: RecordKind;

  constructor(redis: RedisClient, signer: Signer, kind: RecordKind) {
    this.#redis = redis;
    this.#signer = signer;
    this.#kind = kind;
  }

  /** null: there is none. Throws TamperedRecordError. */
  async read(id: string): Promise<FoundRecord<T> | null> {
    await whenReady(this.#redis);
    const { use, key } = this.#kind;
    const [document, signature] = await this.#redis.hmget(key(id), 'document', 'signature');
    if (document == null && signature == null) return null;
    if (document == null || signature == null || !this.#signer.verify(use, document, signature))
      throw new TamperedRecordError(`${use} ${id} is not what was signed`);
    const value = JSON.parse(document) as T; // signed by us: it is what we wrote
    if (value.id !== id) throw new TamperedRecordError(`${use} ${id} is another's`);
    return { value, signature };
  }

  /** Those that are there, and the ids of those that were tampered with. */
  async readAll(
    ids: readonly string[],
  ): Promise<{ readonly values: readonly T[]; readonly tampered: readonly string[] }> {
    const values: T[] = [];
    const tampered: string[] = [];
    for (const [index, result] of (await Promise.allSettled(ids.map((id) => this.read(id)))).entries()) {
      if (result.status === 'fulfilled') {
        if (result.value !== null) values.push(result.value.value);
      } else if (result.reason instanceof TamperedRecordError) tampered.push(ids[index]!);
      else throw result.reason;
    }
    return { values, tampered };
  }

  /** False if what is there is not what had this signature (empty: nothing) any more. `until`: Unix ms. */
  async replace(before: string, value: T, until: number): Promise<boolean> {
    const { use, key } = this.#kind;
    const document = canonicalJson(value);
    const args = [before, document, this.#signer.sign(use, document), until];
    return (await REPLACE.run(this.#redis, { keys: [key(value.id)], args })) === 1;
  }

  async remove(id: string): Promise<boolean> {
    await whenReady(this.#redis);
    return (await this.#redis.del(this.#kind.key(id))) > 0;
  }

  /** Keeps it no longer than until then, Unix ms. */
  async keepUntil(id: string, until: number): Promise<void> {
    await whenReady(this.#redis);
    await this.#redis.pexpireat(this.#kind.key(id), until);
  }
}
