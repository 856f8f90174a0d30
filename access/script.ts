import { createHash } from 'node:crypto';
import type { Cluster } from 'ioredis';
import { type RedisClient, whenReady } from './redis.ts';

export type ScriptArgument = string | number;

export interface ScriptCall {
  readonly keys: readonly string[];
  readonly args: readonly ScriptArgument[];
}

/** One of our Lua scripts: what it does in Redis is atomic. Sent by its hash, in full where Redis does not know it. */
export class Script {
  readonly #lua: string;
  readonly #sha: string;

  constructor(lua: string) {
    this.#lua = lua;
    this.#sha = createHash('sha1').update(lua).digest('hex');
  }

  /** Rejects when Redis is out of reach or answers with an error. */
  async run(redis: RedisClient, { keys, args }: ScriptCall): Promise<unknown> {
    await whenReady(redis);
    try {
      return await redis.evalsha(this.#sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return await redis.eval(this.#lua, keys.length, ...keys, ...args);
    }
  }

  /** Many calls in one round trip; in a Cluster, one each, since their keys live on different nodes. */
  async runAll(
    redis: RedisClient,
    calls: readonly ScriptCall[],
  ): Promise<readonly PromiseSettledResult<unknown>[]> {
    if (isCluster(redis)) return await Promise.allSettled(calls.map((call) => this.run(redis, call)));
    await whenReady(redis);
    const pipeline = redis.pipeline();
    for (const { keys, args } of calls) pipeline.evalsha(this.#sha, keys.length, ...keys, ...args);
    const replies = (await pipeline.exec()) ?? [];
    return await Promise.allSettled(
      replies.map(([error, reply], index) => {
        if (!error) return reply;
        if (isUnknownScript(error)) return this.run(redis, calls[index]!);
        throw error;
      }),
    );
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

function isCluster(redis: RedisClient): redis is Cluster {
  return redis.isCluster;
}
