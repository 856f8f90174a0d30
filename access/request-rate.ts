import { grantKeys, type RedisClient } from './redis.ts';
import { PACE } from './scripts.ts';

/** The share of a minute's requests that may come at once. */
const BURST = 1 / 6;

/** How often grants may ask models, counted in Redis for all nodes together. */
export class RequestRate {
  readonly #redis: RedisClient;

  constructor(redis: RedisClient) {
    this.#redis = redis;
  }

  /** 0: this request may pass, and counts. Else the ms to wait. Rejects when Redis is out of reach. */
  async take(grant: string, perMinute: number): Promise<number> {
    const interval = 60_000 / perMinute;
    const burst = Math.max(1, Math.floor(perMinute * BURST));
    return Number(await PACE.run(this.#redis, { keys: [grantKeys(grant).rate], args: [interval, burst] }));
  }
}
