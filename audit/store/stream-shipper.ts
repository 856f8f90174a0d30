import type { ClientBase } from 'pg';
import { type StreamName, streamDirectory } from '../segments.ts';
import type { Partitions } from './partitions.ts';
import { resync } from './resync.ts';
import { type StoredStream, ship, storedStream } from './shipment.ts';
import { type Batch, isStillThere, StreamFeed } from './stream-feed.ts';

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
  readonly #feed: StreamFeed;
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
    this.#feed = new StreamFeed(directory, stored.place, stored.head);
  }

  /** What the store has of it. */
  get stored(): StoredStream {
    return this.#stored;
  }

  /** One batch; resolves with how many events there were, null: nothing is left. @throws OvertakenError, and others */
  async ship(): Promise<number | null> {
    this.#batch ??= await this.#feed.next();
    if (this.#batch === null) return null;
    const { client, schema, partitions } = this.#destination;
    const { events } = this.#batch;
    await partitions.ensure(
      client,
      events.map(({ event }) => event.at),
    );
    this.#stored = await ship(client, schema, this.#stored, this.#batch);
    this.#batch = null;
    return events.length;
  }
}
