import { createHash, randomBytes } from 'node:crypto';
import { type RedisClient, whenReady } from '../redis.ts';
import type { Signer } from '../signing.ts';
import type { AccountStore } from './account-store.ts';
import { firstAdminKey } from './keys.ts';
import { AccountRefused } from './principal.ts';

/** ms that a code is good for. */
export const CODE_LIFETIME = 15 * 60 * 1000;

/** GETDEL, which Redis has from 6.2 on. */
const TAKE = "local text = redis.call('GET', KEYS[1]) redis.call('DEL', KEYS[1]) return text";

/** Who makes the first account: whoever has a code that was printed while there was none. Redis has its hash, signed. */
export class FirstAdmin {
  readonly #redis: RedisClient;
  readonly #signer: Signer;
  readonly #accounts: AccountStore;

  constructor(redis: RedisClient, signer: Signer, accounts: AccountStore) {
    this.#redis = redis;
    this.#signer = signer;
    this.#accounts = accounts;
  }

  /** Whether there is no account, be it one that can't be read. */
  async isMissing(): Promise<boolean> {
    const { accounts, tampered } = await this.#accounts.list();
    return accounts.length + tampered.length === 0;
  }

  /** A new code, which lives for CODE_LIFETIME; null: it is not needed. */
  async offer(): Promise<string | null> {
    if (!(await this.isMissing())) return null;
    const code = randomBytes(16).toString('base64url');
    const id = idOf(code);
    await this.#redis.set(firstAdminKey(id), this.#signer.sign('first-admin', id), 'PX', CODE_LIFETIME);
    return code;
  }

  /** False if the code is none, or was used. Throws AccountRefused; then the code stays good. */
  async redeem(code: string, account: string, password: string): Promise<boolean> {
    await whenReady(this.#redis);
    const id = idOf(code);
    const signature = await this.#redis.eval(TAKE, 1, firstAdminKey(id));
    if (typeof signature !== 'string' || !this.#signer.verify('first-admin', id, signature)) return false;
    if (!(await this.isMissing())) return false;
    const roles = ['admin'] as const;
    try {
      await this.#accounts.add({ id: account, password, roles, teams: [], groups: [] }, 'the first code');
    } catch (fault) {
      if (fault instanceof AccountRefused)
        await this.#redis.set(firstAdminKey(id), signature, 'PX', CODE_LIFETIME);
      throw fault;
    }
    return true;
  }
}

const idOf = (code: string): string => createHash('sha256').update(code).digest('hex');
