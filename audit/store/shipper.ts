import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { listStreams, type StreamName } from '../segments.ts';
import { migrate } from './migrate.ts';
import { Partitions, type Span } from './partitions.ts';
import { OvertakenError } from './shipment.ts';
import { connectStore, type StoreTarget } from './store-target.ts';
import { StreamShipper } from './stream-shipper.ts';

export interface ShipperOptions {
  readonly target: StoreTarget;
  /** Directory; all streams in it are shipped. */
  readonly spool: string;
  readonly span: Span;
  /** A query that takes longer, ms, is given up, and its batch shipped again; 60,000 if absent. */
  readonly timeout?: number;
  /** Runs between rounds, with the store at hand: checkpoints, pruning, retention. */
  readonly chores?: (client: pg.Client, streams: readonly StreamShipper[]) => Promise<void>;
  /** Told when the store is lost (`error`), and when it is there again. */
  readonly onChange?: (error: Error | null) => void;
  /** Of a stream that can't be read or shipped, while others can. */
  readonly onFault?: (stream: StreamName, error: Error) => void;
}

/** Between looks at the spool, ms. */
const POLL = 150;
/** Streams that have been quiet for so long are looked at less often, ms. */
const QUIET = 10_000;
const QUIET_POLL = 2_000;
/** First and longest wait for a store that is lost, ms. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 15_000;
/** ms. */
const TIMEOUT = 60_000;

interface Ward {
  shipper: StreamShipper | null;
  /** Unix ms. */
  busyAt: number;
  lookAt: number;
}

/**
 * Moves events from the spool into the store: in order for each stream, each once, for as long as it runs, whatever
 * becomes of the store meanwhile. It holds one batch in memory.
 */
export class Shipper {
  readonly #options: ShipperOptions;
  readonly #wards = new Map<string, { readonly name: StreamName; ward: Ward }>();
  #client: pg.Client | null = null;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  #shipped = 0;
  #up = false;
  #error: Error | null = null;
  #rounds = 0;
  #listAt = 0;
  #finishBy: number | null = null;

  constructor(options: ShipperOptions) {
    this.#options = options;
  }

  /** Whether the store is reached; events that this process has shipped; why it is not reached. */
  get state(): { readonly up: boolean; readonly shipped: number; readonly error: string | null } {
    return { up: this.#up, shipped: this.#shipped, error: this.#error?.message ?? null };
  }

  get streams(): readonly StreamShipper[] {
    return [...this.#wards.values()].flatMap(({ ward }) => ward.shipper ?? []);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ships what is in the spool by now, for at most so many ms, and ends. */
  async stop(ms: number): Promise<void> {
    this.#finishBy = Date.now() + ms;
    this.#stop.abort();
    const late = setTimeout(() => this.#client?.end().catch(() => {}), ms);
    await this.#running;
    clearTimeout(late);
  }

  /** Resolves when a round that began after this call has shipped all there was. Rejects when the store can't be reached. */
  async caughtUp(): Promise<void> {
    for (const { ward } of this.#wards.values()) ward.lookAt = 0;
    const from = this.#rounds + 1;
    while (this.#rounds <= from) {
      if (this.#error !== null) throw this.#error;
      await sleep(5);
    }
  }

  async #run(): Promise<void> {
    let wait = FIRST_WAIT;
    let migrated = false;
    for (;;) {
      try {
        if (!migrated) await migrate(this.#options.target);
        migrated = true;
        const client = await this.#connect();
        this.#client = client;
        this.#note(null);
        wait = FIRST_WAIT;
        await this.#serve(client);
      } catch (error) {
        if (this.#mayGoOn()) this.#note(error as Error);
      } finally {
        await this.#client?.end().catch(() => {});
        this.#client = null;
        for (const { ward } of this.#wards.values()) ward.shipper = null;
      }
      // At the end it is tried once, and no longer waited for.
      if (this.#finishBy !== null) break;
      await sleep(wait, undefined, { signal: this.#stop.signal }).catch(() => {});
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }

  /**
   * Where packets are lost, the server learns nothing of a connection that was given up here: it has to end by itself what
   * that one had begun, or the stream stays locked.
   */
  #connect(): Promise<pg.Client> {
    const { target, timeout = TIMEOUT } = this.#options;
    const options = `-c idle_in_transaction_session_timeout=${timeout}`;
    return connectStore(target, 'postern shipper', timeout, options);
  }

  /** Until the connection fails, or there is nothing left and nothing more is to come. */
  async #serve(client: pg.Client): Promise<void> {
    const { target, span, chores } = this.#options;
    const destination = { client, schema: target.schema, partitions: new Partitions(span) };
    for (;;) {
      const last = this.#finishBy !== null;
      if (last || this.#listAt <= Date.now()) this.#list();
      for (const { name, ward } of this.#wards.values())
        if (last || ward.lookAt <= Date.now()) await this.#tend(destination, name, ward);
      await chores?.(client, this.streams);
      this.#rounds += 1;
      if (last) return;
      await sleep(POLL, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  /** Where there are thousands of streams, looking for more of them takes a twentieth of the time. */
  #list(): void {
    const from = Date.now();
    for (const name of listStreams(this.#options.spool)) {
      const key = `${name.node}/${name.stream}`;
      if (!this.#wards.has(key))
        this.#wards.set(key, { name, ward: { shipper: null, busyAt: 0, lookAt: 0 } });
    }
    this.#listAt = Date.now() + 20 * (Date.now() - from);
  }

  async #tend(
    destination: { client: pg.Client; schema: string; partitions: Partitions },
    name: StreamName,
    ward: Ward,
  ): Promise<void> {
    try {
      ward.shipper ??= await StreamShipper.open(destination, this.#options.spool, name);
      for (let count = await ward.shipper.ship(); count !== null; count = await ward.shipper.ship()) {
        this.#shipped += count;
        ward.busyAt = Date.now();
        if (!this.#mayGoOn()) return;
      }
      const quiet = Date.now() - ward.busyAt > QUIET;
      ward.lookAt = Date.now() + (quiet ? QUIET_POLL : 0);
    } catch (error) {
      ward.shipper = null;
      if (error instanceof OvertakenError) return;
      // Is it the store, or this stream alone?
      await destination.client.query('rollback');
      destination.partitions.forget();
      ward.lookAt = Date.now() + QUIET_POLL;
      this.#options.onFault?.(name, error as Error);
    }
  }

  #mayGoOn(): boolean {
    return this.#finishBy === null || Date.now() < this.#finishBy;
  }

  #note(error: Error | null): void {
    const changed = this.#up !== (error === null);
    this.#up = error === null;
    this.#error = error;
    if (changed || error !== null) this.#options.onChange?.(error);
  }
}
