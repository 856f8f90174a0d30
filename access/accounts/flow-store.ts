import { createHash, randomBytes } from 'node:crypto';
import { type RedisClient, whenReady } from '../redis.ts';
import { flowKey } from './keys.ts';

/** What a login by the identity provider has to come back with. */
export interface LoginFlow {
  readonly state: string;
  readonly nonce: string;
  /** PKCE, RFC 7636. */
  readonly codeVerifier: string;
}

/** ms that somebody may take at the identity provider. */
export const FLOW_LIFETIME = 600_000;

/** Logins that are on their way, by what the browser's cookie has. Each can be taken once. */
export class FlowStore {
  readonly #redis: RedisClient;

  constructor(redis: RedisClient) {
    this.#redis = redis;
  }

  async begin(flow: LoginFlow): Promise<string> {
    await whenReady(this.#redis);
    const secret = randomBytes(32).toString('base64url');
    await this.#redis.set(keyOf(secret), JSON.stringify(flow), 'PX', FLOW_LIFETIME);
    return secret;
  }

  /** null: there is none, or it was taken, or it took too long. */
  async take(secret: string): Promise<LoginFlow | null> {
    await whenReady(this.#redis);
    const text = await this.#redis.eval(TAKE, 1, keyOf(secret));
    return typeof text === 'string' ? (JSON.parse(text) as LoginFlow) : null;
  }
}

/** GETDEL, which Redis has from 6.2 on. */
const TAKE = "local text = redis.call('GET', KEYS[1]) redis.call('DEL', KEYS[1]) return text";

function keyOf(secret: string): string {
  return flowKey(createHash('sha256').update(secret).digest('hex'));
}
