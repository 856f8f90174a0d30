import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from './canonical-json.ts';
import { type RedisClient, whenReady } from './redis.ts';
import type { Signer } from './signing.ts';

/** The files of a risk model, by name, in base64. */
export type ModelPackage = Readonly<Record<string, string>>;

const KEY = 'postern:{risk}:model';

const sealed = z.strictObject({ signature: z.string(), document: z.string() });
const packageSchema = z.record(z.string().regex(/^[\w-]+\.(onnx|json)$/), z.base64());

/** Names a package: SHA-256 of its document, in hex. */
const digestOf = (document: string): string => createHash('sha256').update(document).digest('hex');

/**
 * The risk model that all nodes use instead of the one of their configuration, and the one before it. Signed: whoever
 * writes to Redis can take a model away, and bring in none.
 */
export class ModelStore {
  readonly #redis: RedisClient;
  readonly #signer: Signer;

  constructor(redis: RedisClient, signer: Signer) {
    this.#redis = redis;
    this.#signer = signer;
  }

  /** The digest of the one in use, without its bytes; null: none was promoted. Rejects without Redis. */
  async current(): Promise<string | null> {
    await whenReady(this.#redis);
    return this.#redis.hget(KEY, 'digest');
  }

  /** The one in use. Rejects if what is there was not signed by us. */
  async read(): Promise<ModelPackage | null> {
    await whenReady(this.#redis);
    const text = await this.#redis.hget(KEY, 'current');
    if (text === null) return null;
    const { signature, document } = sealed.parse(JSON.parse(text));
    if (!this.#signer.verify('model', document, signature))
      throw new Error('the promoted risk model is not what was signed');
    return packageSchema.parse(JSON.parse(document));
  }

  /** All nodes use these files from now on. */
  async promote(files: ModelPackage): Promise<void> {
    await whenReady(this.#redis);
    const document = canonicalJson(files);
    const text = JSON.stringify({ signature: this.#signer.sign('model', document), document });
    const previous = await this.#redis.hget(KEY, 'current');
    await this.#redis.hset(KEY, { current: text, digest: digestOf(document), previous: previous ?? '' });
  }

  /** Back to the one before. False if there is none: then to that of the configuration. */
  async goBack(): Promise<boolean> {
    await whenReady(this.#redis);
    const [current, previous] = await this.#redis.hmget(KEY, 'current', 'previous');
    if (!previous) {
      await this.withdraw();
      return false;
    }
    const { document } = sealed.parse(JSON.parse(previous));
    await this.#redis.hset(KEY, { current: previous, digest: digestOf(document), previous: current ?? '' });
    return true;
  }

  /** All nodes use the model of their configuration again. */
  async withdraw(): Promise<void> {
    await whenReady(this.#redis);
    await this.#redis.del(KEY);
  }
}
