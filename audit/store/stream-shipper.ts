import { join } from 'node:path';
import { type ClientBase, DatabaseError } from 'pg';
import type { Break } from '../chain-follower.ts';
import { type StreamName, segmentName, streamDirectory } from '../segments.ts';
import type { Partitions } from './partitions.ts';
import { resync } from './resync.ts';
import { type StoredStream, ship, storedStream } from './shipment.ts';
import { type Batch, isStillThere, MOST_EVENTS, StreamFeed } from './stream-feed.ts';

/** Where batches go. */
export interface Destination {
  readonly client: ClientBase;
  readonly schema: string;
  readonly partitions: Partitions;
}

/** Ships one stream of the spool, as far as there is something to ship. After an error it is to be thrown away. */
export class StreamShipper {
  readonly name: StreamName;
  readonly directory: string;
  readonly #destination: Destination;
  #stored: StoredStream;
  #feed: StreamFeed;
  /** Events that are shipped at once: fewer where one is looked for that the store does not take. */
  #most = MOST_EVENTS;
  /** Read and not shipped yet. */
  #batch: Batch | null = null;

  /** Goes on from where the store is. */
  static async open(destination: Destination, spool: string, name: StreamName): Promise<StreamShipper> {
    const directory = streamDirectory(spool, name);
    const { client } = destination;
    const stored = await storedStream(client, name);
    const same = await isStillThere(directory, stored.place);
    return new StreamShipper(destination, directory, same ? stored : await resync(client, stored, directory));
  }

  private constructor(destination: Destination, directory: string, stored: StoredStream) {
    this.name = stored.name;
    this.directory = directory;
    this.#destination = destination;
    this.#stored = stored;
    this.#feed = this.#feedFrom(stored);
  }

  /** What the store has of it. */
  get stored(): StoredStream {
    return this.#stored;
  }

  /**
   * One batch; resolves with how many events there were, null: nothing is left. An event that the store does not take
   * (somebody has forged it) stays in its segment, as a damaged line does, and the store notes the place.
   * @throws OvertakenError, and others
   */
  async ship(): Promise<number | null> {
    this.#batch ??= await this.#feed.next(this.#most);
    if (this.#batch === null) return null;
    const { events } = this.#batch;
    try {
      await this.#send(this.#batch);
    } catch (error) {
      if (!isOfData(error) || events.length === 0) throw error;
      await this.#destination.client.query('rollback');
      this.#narrow(this.#batch, error as Error);
      return 0;
    }
    this.#batch = null;
    this.#most = Math.min(MOST_EVENTS, this.#most * NARROWING);
    return events.length;
  }

  async #send(batch: Batch): Promise<void> {
    const { client, schema, partitions } = this.#destination;
    const times = batch.events.map(({ event }) => event.at);
    await partitions.ensure(client, times);
    const received = partitions.namesOf(times);
    this.#stored = await ship(client, { schema, received }, this.#stored, batch);
  }

  /** Fewer events the next time; one alone is left out. */
  #narrow(batch: Batch, { message }: Error): void {
    const [only, another] = batch.events;
    if (only === undefined || another !== undefined) {
      this.#most = Math.max(1, Math.floor(batch.events.length / NARROWING));
      this.#feed = this.#feedFrom(this.#stored);
      this.#batch = null;
      return;
    }
    const place = `${join(this.directory, segmentName(only.segment))}@${only.end - Buffer.byteLength(only.line) - 1}`;
    const detail = `the store does not take it: ${message}`;
    const left: Break = { place, seq: only.event.seq, fault: 'unparseable', detail };
    this.#batch = { ...batch, events: [], faults: [...batch.faults, left] };
  }

  #feedFrom({ name: { node }, place, head }: StoredStream): StreamFeed {
    return new StreamFeed({ directory: this.directory, node }, place, head);
  }
}

/** By how much batches become smaller, or larger again. */
const NARROWING = 8;

/** Whether what was to be stored is at fault, and not the store: by the classes of SQLSTATE, or before it got there. */
const isOfData = (error: unknown): boolean =>
  error instanceof RangeError ||
  error instanceof TypeError ||
  (error instanceof DatabaseError && /^(22|23|54)/.test(error.code ?? ''));
