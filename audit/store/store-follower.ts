import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { SpooledEvent } from '../events.ts';
import { type EventFilter, matches } from '../filter.ts';
import { eventsSince, storedHeads } from './events-since.ts';
import { CHANNEL } from './shipment.ts';
import { connectStore, type StoreTarget } from './store-target.ts';

/** Between looks at the store, whether it has told of anything or not, ms. */
const LOOK = 2_000;
/** Before the store is tried again, ms. */
const RETRY = 1_000;

/**
 * Wakes those who follow the store when something has come into it: one connection for all of them, which is there while
 * anybody follows.
 */
export class StoreFollower {
  readonly #target: StoreTarget;
  readonly #pool: pg.Pool;
  readonly #waiting = new Set<() => void>();
  #listeners = 0;
  #client: Promise<pg.Client | null> | null = null;

  constructor(target: StoreTarget, pool: pg.Pool) {
    this.#target = target;
    this.#pool = pool;
  }

  /** Events that come from now on; ends with the signal. While the store is out of reach it waits, and misses nothing. */
  async *follow(filter: EventFilter, signal: AbortSignal): AsyncGenerator<SpooledEvent> {
    this.#listeners += 1;
    try {
      const heads = await storedHeads(this.#pool);
      while (!signal.aborted) {
        this.#client ??= this.#connected();
        const woken = this.#woken(signal);
        for (const event of await eventsSince(this.#pool, heads)) {
          if (signal.aborted) return;
          if (matches(event, filter)) yield event;
        }
        await woken;
      }
    } finally {
      this.#listeners -= 1;
      if (this.#listeners === 0) await this.close();
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await (await client)?.end().catch(() => {});
  }

  /** null: the store is out of reach; by then, and when the connection is lost, whoever looks next tries again. */
  #connected(): Promise<pg.Client | null> {
    const forget = (): void => {
      if (this.#client === connected) this.#client = null;
    };
    const connected = this.#listen(forget).catch(async () => {
      await sleep(RETRY);
      forget();
      return null;
    });
    return connected;
  }

  async #listen(ended: () => void): Promise<pg.Client> {
    const client = await connectStore(this.#target, 'postern live', LOOK * 5);
    client.on('notification', ({ payload }) => {
      if (payload === this.#target.schema) this.#wakeAll();
    });
    client.once('end', ended);
    try {
      await client.query(`listen ${CHANNEL}`);
    } catch (fault) {
      void client.end().catch(() => {});
      throw fault;
    }
    return client;
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** At the latest after LOOK. */
  #woken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, LOOK);
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
