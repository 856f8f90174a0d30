import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { SpooledEvent } from '../events.ts';
import { type EventFilter, matches } from '../filter.ts';
import { CHANNEL } from './shipment.ts';
import { connectStore, type StoreTarget } from './store-target.ts';

/** Between looks at the store, whether it has told of anything or not, ms. */
const LOOK = 2_000;
/** Before the store is tried again, ms. */
const RETRY = 1_000;
/** Events that are read at once. */
const MOST = 1_000;

/** By the id of a stream, the number of its last event. */
type Heads = Map<number, number>;

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
      const heads: Heads = await this.#heads();
      while (!signal.aborted) {
        this.#client ??= this.#listen();
        const woken = this.#woken(signal);
        for (const event of await this.#since(heads)) {
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
    const client = await this.#client;
    this.#client = null;
    await client?.end().catch(() => {});
  }

  async #listen(): Promise<pg.Client | null> {
    try {
      const client = await connectStore(this.#target, 'postern live', LOOK * 5);
      client.on('notification', ({ payload }) => {
        if (payload === this.#target.schema) this.#wakeAll();
      });
      client.once('end', () => {
        this.#client = null;
      });
      await client.query(`listen ${CHANNEL}`);
      return client;
    } catch {
      await sleep(RETRY, undefined, { ref: false });
      this.#client = null; // tried again by who looks next
      return null;
    }
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

  async #heads(): Promise<Heads> {
    const { rows } = await this.#pool.query<{ id: number; seq: string }>('select id, seq from stream');
    return new Map(rows.map(({ id, seq }) => [id, Number(seq)]));
  }

  /** What has come since `heads`, which is brought up to date. Nothing while the store is out of reach. */
  async #since(heads: Heads): Promise<readonly SpooledEvent[]> {
    const events: SpooledEvent[] = [];
    try {
      for (const [id, seq] of await this.#heads()) {
        for (let from = heads.get(id) ?? 0; from < seq; ) {
          const { rows } = await this.#pool.query<{ seq: string; line: string }>(SINCE, [id, from, seq]);
          for (const row of rows) events.push(JSON.parse(row.line) as SpooledEvent);
          from = rows.length < MOST ? seq : Number(rows.at(-1)?.seq);
          heads.set(id, from);
        }
      }
    } catch {
      // Looked for again: `heads` says what is known.
    }
    return events;
  }
}

const SINCE = `
  select seq, line from event where stream = $1 and seq > $2 and seq <= $3 order by seq limit ${MOST}`;
