import type { ClientBase } from 'pg';
import { type ChainHead, genesis } from '../chain.ts';
import type { Break } from '../chain-follower.ts';
import type { StoredEvent } from './event-row.ts';
import { newIncarnation, type StoredStream } from './shipment.ts';
import { isStillThere, type Place, StreamFeed, tailAt } from './stream-feed.ts';

/**
 * The spool's stream is no longer the one that was shipped: it was cut, changed, or begun anew. What the store has stays as
 * it is; what it does not have comes into a new incarnation of the stream, each event once.
 */
export async function resync(
  client: ClientBase,
  stored: StoredStream,
  directory: string,
): Promise<StoredStream> {
  const { place, head } = await lastShipped(client, stored, directory);
  const found: Break = {
    place: directory,
    seq: head.seq + 1,
    fault: 'rewritten',
    detail: `the store has events up to ${stored.head.seq} of it that are others`,
  };
  const tail = await tailAt(directory, place);
  return newIncarnation(client, stored, { place: { ...place, tail }, head, found });
}

/** Where in a stream's files begins what the store does not have. */
export async function restPlace(
  client: Queryable,
  stored: StoredStream,
  directory: string,
): Promise<FilePlace> {
  const same = await isStillThere(directory, stored.place);
  return same ? stored.place : (await lastShipped(client, stored, directory)).place;
}

type FilePlace = Pick<Place, 'segment' | 'bytes'>;
type Queryable = Pick<ClientBase, 'query'>;

/** The last event, from the first on, that the store has as it stands in the files. */
async function lastShipped(
  client: Queryable,
  stored: StoredStream,
  directory: string,
): Promise<{ readonly place: FilePlace; readonly head: ChainHead }> {
  const { node, stream } = stored.name;
  const feed = new StreamFeed({ directory, node }, { segment: 0, bytes: 0 }, genesis(node, stream));
  let place: FilePlace = { segment: 0, bytes: 0 };
  let head: ChainHead = genesis(node, stream);
  for (let batch = await feed.next(); batch !== null; batch = await feed.next()) {
    const known = await knownLines(client, stored, batch.events);
    const unknown = batch.events.findIndex(({ line }) => !known.has(line));
    const last = unknown < 0 ? batch.events.at(-1) : batch.events[unknown - 1];
    if (last !== undefined) {
      place = { segment: last.segment, bytes: last.end };
      head = linkOf(last);
    } else if (batch.events[0] !== undefined && place.segment === 0) head = before(batch.events[0]);
    if (unknown >= 0) break;
  }
  return { place, head };
}

async function knownLines(
  client: Queryable,
  { name }: StoredStream,
  events: readonly StoredEvent[],
): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ line: string }>(
    `select e.line from event e join stream s on s.id = e.stream
     where s.node = $1 and s.name = $2 and e.seq = any($3::int8[])`,
    [name.node, name.stream, events.map(({ event }) => event.seq)],
  );
  return new Set(rows.map(({ line }) => line));
}

const linkOf = ({ event }: StoredEvent): ChainHead => ({ seq: event.seq, hash: event.hash });
const before = ({ event }: StoredEvent): ChainHead => ({ seq: event.seq - 1, hash: event.prev });
