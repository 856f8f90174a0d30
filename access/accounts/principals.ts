/** Who may use the API: people by account or identity provider, services and agents by token. */
import type { IssuerOptions } from '../access.ts';
import { connectRedis } from '../redis.ts';
import { PACE } from '../scripts.ts';
import { Signer } from '../signing.ts';
import { AccountStore } from './account-store.ts';
import { ApiTokenStore } from './api-token-store.ts';
import { FirstAdmin } from './first-admin.ts';
import { FlowStore } from './flow-store.ts';
import { paceKey } from './keys.ts';
import { LoginPace } from './login-pace.ts';
import { LoginStore } from './login-store.ts';

export interface Principals {
  readonly accounts: AccountStore;
  readonly tokens: ApiTokenStore;
  readonly logins: LoginStore;
  readonly flows: FlowStore;
  readonly pace: LoginPace;
  readonly firstAdmin: FirstAdmin;
  /** Counts a request of theirs, on all nodes together: 0, or the ms until it may pass. */
  request(whose: string, perMinute: number): Promise<number>;
  /** Whether Redis answers now. */
  reachable(): Promise<boolean>;
  close(): void;
}

/** The share of a minute's requests that may come at once. */
const BURST = 1 / 6;

/** Throws SigningKeyError. Connects in the background. */
export function connectPrincipals(
  { redis: target, signingKey, record, warn = () => {} }: IssuerOptions,
  now: () => number = Date.now,
): Principals {
  const signer = new Signer(signingKey);
  const redis = connectRedis(target, (error) => warn(`Redis: ${error.message}`));
  const accounts = new AccountStore(redis, signer, record, now);
  return {
    accounts,
    tokens: new ApiTokenStore(redis, signer, record, now),
    logins: new LoginStore(redis, signer, now),
    flows: new FlowStore(redis),
    pace: new LoginPace(redis, signer),
    firstAdmin: new FirstAdmin(redis, signer, accounts),
    request: async (whose, perMinute) => {
      const args = [60_000 / perMinute, Math.max(1, Math.floor(perMinute * BURST))];
      return Number(await PACE.run(redis, { keys: [paceKey(`request:${whose}`)], args }));
    },
    reachable: () =>
      redis.ping().then(
        () => true,
        () => false,
      ),
    close: () => redis.disconnect(),
  };
}
