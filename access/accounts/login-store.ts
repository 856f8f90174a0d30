import { createHash, randomBytes } from 'node:crypto';
import { type RedisClient, whenReady } from '../redis.ts';
import type { Signer } from '../signing.ts';
import { loginKey } from './keys.ts';
import type { Principal } from './principal.ts';
import { SignedRecords } from './signed-records.ts';

/** How long a browser stays logged in, ms. */
export interface LoginTimes {
  /** Without a request. */
  readonly idle: number;
  /** At all. */
  readonly absolute: number;
}

/** What the identity provider, or the account, said at login. */
export type LoginSource =
  | { readonly via: 'password'; readonly principal: string; readonly epoch: number }
  | { readonly via: 'oidc'; readonly principal: Principal };

export interface Login {
  readonly source: LoginSource;
  /** ISO 8601 UTC: the latest that it ends. */
  readonly expiresAt: string;
}

interface Stored extends Login {
  readonly id: string;
}

const SECRET_BYTES = 32;
const SECRET = /^[\w-]{43}$/;

/**
 * Logins of browsers in Redis, by the hash of what the cookie has: whoever reads Redis can't use one, whoever writes
 * can't make one.
 */
export class LoginStore {
  readonly #redis: RedisClient;
  readonly #records: SignedRecords<Stored>;
  readonly #now: () => number;

  constructor(redis: RedisClient, signer: Signer, now: () => number) {
    this.#redis = redis;
    this.#records = new SignedRecords(redis, signer, { use: 'login', key: loginKey });
    this.#now = now;
  }

  async begin(
    source: LoginSource,
    times: LoginTimes,
  ): Promise<{ readonly secret: string; readonly login: Login }> {
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    const now = this.#now();
    const end = now + times.absolute;
    const stored = { id: idOf(secret), source, expiresAt: new Date(end).toISOString() };
    if (!(await this.#records.replace('', stored, Math.min(end, now + times.idle))))
      throw new Error('a random login secret is taken'); // 256 bits
    return { secret, login: stored };
  }

  /** null: it is over, or never was. Puts off when it ends for being idle. Throws TamperedRecordError. */
  async find(secret: string, { idle }: LoginTimes): Promise<Login | null> {
    const login = await this.look(secret);
    if (login === null) return null;
    const end = Date.parse(login.expiresAt);
    await this.#records.keepUntil(idOf(secret), Math.min(end, this.#now() + idle));
    return login;
  }

  /** The same, and puts nothing off. */
  async look(secret: string): Promise<Login | null> {
    if (!SECRET.test(secret)) return null;
    const found = await this.#records.read(idOf(secret));
    return found === null || this.#now() >= Date.parse(found.value.expiresAt) ? null : found.value;
  }

  async end(secret: string): Promise<void> {
    if (!SECRET.test(secret)) return;
    await whenReady(this.#redis);
    await this.#records.remove(idOf(secret));
  }
}

function idOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
