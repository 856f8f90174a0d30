import { z } from 'zod';
import { canonicalJson } from './canonical-json.ts';
import { type RedisClient, whenReady } from './redis.ts';
import { Script } from './script.ts';
import type { Signer } from './signing.ts';

const form = z.strictObject({
  model: z.string(),
  alarm: z.string(),
  session: z.string(),
  /** Which score the alarm was by. */
  cause: z.enum(['statement', 'session']),
  /** In [0, 1]. */
  score: z.number().min(0).max(1),
  /** When it was raised, Unix ms. */
  at: z.number(),
  /** A reviewer has called it true. */
  bad: z.boolean(),
});

/** An alarm that a reviewer has judged, and the score that it was raised by. */
export type JudgedScore = Readonly<z.infer<typeof form>>;

/** Alarms that are kept of a model: the last ones by when they were raised. */
export const MOST_JUDGED = 400;
/** ms that they are kept after the last verdict. */
const KEPT = 180 * 24 * 60 * 60 * 1000;

/**
 * keys: alarms by time, and what was made of each; args: time (Unix ms), alarm, what was made of it, most, kept (ms). The
 * last word on an alarm counts; the oldest alarms go.
 */
const JUDGE = new Script(`
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
for _, old in ipairs(redis.call('ZRANGE', KEYS[1], 0, -tonumber(ARGV[4]) - 1)) do
  redis.call('ZREM', KEYS[1], old)
  redis.call('HDEL', KEYS[2], old)
end
for i = 1, 2 do redis.call('PEXPIRE', KEYS[i], ARGV[5]) end
return 1
`);

/** What reviewers made of a model's last alarms, for all nodes. Signed: whoever writes to Redis can take verdicts away only. */
export class VerdictBook {
  readonly #redis: RedisClient;
  readonly #signer: Signer;

  constructor(redis: RedisClient, signer: Signer) {
    this.#redis = redis;
    this.#signer = signer;
  }

  /** Rejects without Redis. */
  async judge(judged: JudgedScore): Promise<void> {
    const document = canonicalJson(judged);
    const entry = `${this.#signer.sign('verdict', document)} ${document}`;
    const { alarms, scores } = keysOf(judged.model);
    await JUDGE.run(this.#redis, {
      keys: [alarms, scores],
      args: [judged.at, judged.alarm, entry, MOST_JUDGED, KEPT],
    });
  }

  /** In no order; without what was not signed by us for this model. Rejects without Redis. */
  async read(model: string): Promise<readonly JudgedScore[]> {
    await whenReady(this.#redis);
    const entries = await this.#redis.hvals(keysOf(model).scores);
    return entries.flatMap((entry) => this.#open(entry)).filter((judged) => judged.model === model);
  }

  /** Of all processes that find the scores off, the one that is to say so. Rejects without Redis. */
  async beginAlert(model: string, cause: JudgedScore['cause']): Promise<boolean> {
    await whenReady(this.#redis);
    return (await this.#redis.set(alertKey(model, cause), '1', 'PX', KEPT, 'NX')) === 'OK';
  }

  /** It is well again: the next time is said again. */
  async endAlert(model: string, cause: JudgedScore['cause']): Promise<void> {
    await whenReady(this.#redis);
    await this.#redis.del(alertKey(model, cause));
  }

  #open(entry: string): readonly JudgedScore[] {
    const [signature = '', ...rest] = entry.split(' ');
    const document = rest.join(' ');
    return this.#signer.verify('verdict', document, signature) ? [form.parse(JSON.parse(document))] : [];
  }
}

/** The hash tag keeps both in one slot of a Cluster. */
function keysOf(model: string): { readonly alarms: string; readonly scores: string } {
  const place = `postern:{risk:${model}}:verdicts`;
  return { alarms: `${place}:alarms`, scores: `${place}:scores` };
}

const alertKey = (model: string, cause: string): string => `postern:{risk:${model}}:verdicts:alert:${cause}`;
