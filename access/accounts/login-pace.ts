/**
 * How often passwords may be tried. Each limit is a rate that is even in the long run, so that nobody is locked out for
 * longer than it takes to come by once more:
 *
 *   from one address                  thirty at once, then thirty a minute
 *   of one account from one address   five at once, then one a minute
 *   of one account                    twenty at once, then six a minute
 *
 * One address never takes what an account has left. Many together may, but not from the browsers that its person uses:
 * those show a mark of an earlier login, and have a rate of their own instead (OWASP, "Slow Down Online Guessing
 * Attacks with Device Cookies").
 */
import { createHash, randomBytes } from 'node:crypto';
import type { RedisClient } from '../redis.ts';
import { PACE } from '../scripts.ts';
import type { Signer } from '../signing.ts';
import { paceKey } from './keys.ts';

interface Rate {
  readonly of: readonly string[];
  /** ms between tries in the long run. */
  readonly interval: number;
  readonly burst: number;
}

export interface Attempt {
  readonly account: string;
  readonly address: string;
  /** What the browser shows as the mark of an earlier login. */
  readonly mark: string | undefined;
}

const ofAddress = ({ address }: Attempt): Rate => ({ of: ['address', address], interval: 2_000, burst: 30 });
const ofBoth = ({ account, address }: Attempt): Rate => ({
  of: ['both', account, address],
  interval: 60_000,
  burst: 5,
});
const ofAccount = ({ account }: Attempt): Rate => ({ of: ['account', account], interval: 10_000, burst: 20 });
const ofMark = (mark: string): Rate => ({ of: ['mark', mark], interval: 60_000, burst: 5 });

export class LoginPace {
  readonly #redis: RedisClient;
  readonly #signer: Signer;

  constructor(redis: RedisClient, signer: Signer) {
    this.#redis = redis;
    this.#signer = signer;
  }

  /** 0: a password may be tried now, and that counts. Else the ms to wait. Rejects when Redis is out of reach. */
  async take(attempt: Attempt): Promise<number> {
    for (const rate of this.#rates(attempt)) {
      const { of, interval, burst } = rate;
      const wait = Number(await PACE.run(this.#redis, { keys: [keyOf(of)], args: [interval, burst] }));
      if (wait > 0) return wait;
    }
    return 0;
  }

  /** After a right password: the wrong ones before it were slips. Resolves with a mark for the browser. */
  async forget(attempt: Attempt): Promise<string> {
    const { account } = attempt;
    const mark = this.#markOf(attempt);
    await this.#redis.del(keyOf((mark === null ? ofBoth(attempt) : ofMark(mark)).of));
    const nonce = randomBytes(16).toString('base64url');
    return `${nonce}.${this.#signer.sign('mark', markText(account, nonce))}`;
  }

  #rates(attempt: Attempt): readonly Rate[] {
    const mark = this.#markOf(attempt);
    return mark === null ? [ofAddress(attempt), ofBoth(attempt), ofAccount(attempt)] : [ofMark(mark)];
  }

  /** null: there is none of that account. */
  #markOf({ account, mark }: Attempt): string | null {
    const [nonce = '', signature = ''] = mark?.split('.') ?? [];
    return this.#signer.verify('mark', markText(account, nonce), signature) ? nonce : null;
  }
}

const markText = (account: string, nonce: string): string => JSON.stringify([account, nonce]);

/** Hashed: people also type their password where the name goes. */
function keyOf(what: readonly string[]): string {
  return paceKey(`login:${createHash('sha256').update(JSON.stringify(what)).digest('base64url')}`);
}
