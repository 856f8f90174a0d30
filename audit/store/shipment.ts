/** One batch of a stream into the store, in one transaction: all of it, once, behind what the store has of the stream. */
import type { ClientBase } from 'pg';
import { type ChainHead, genesis } from '../chain.ts';
import type { Break } from '../chain-follower.ts';
import type { StreamName } from '../segments.ts';
import { writeAlarms } from './alarm-rows.ts';
import { columnsOf, INSERT_EVENTS } from './event-row.ts';
import { writeSessions } from './session-rows.ts';
import type { Batch, Place } from './stream-feed.ts';
import { writeTallies } from './tally-rows.ts';

/** What the store has of a stream. */
export interface StoredStream {
  /** Of the table `stream`. */
  readonly id: number;
  readonly name: StreamName;
  readonly incarnation: number;
  readonly place: Place;
  readonly head: ChainHead;
}

/** Those who follow the store listen to it; the schema's name stands behind it. */
export const CHANNEL = 'postern_audit';

/** Somebody else has shipped the same stream meanwhile: what the store has is to be read again. */
export class OvertakenError extends Error {
  override readonly name = 'OvertakenError';

  constructor({ node, stream }: StreamName) {
    super(`the store has more of ${node}/${stream} than when it was read`);
  }
}

/** The last incarnation of a stream; made if there is none. */
export async function storedStream(client: ClientBase, name: StreamName): Promise<StoredStream> {
  const { node, stream } = name;
  const known = await client.query<StreamRow>(SELECT_STREAM, [node, stream]);
  if (known.rows[0] !== undefined) return streamOf(name, known.rows[0]);
  const { hash } = genesis(node, stream);
  const made = await client.query<StreamRow>(INSERT_STREAM, [node, stream, 1, 0, hash, 0, 0, '']);
  return streamOf(name, made.rows[0] as StreamRow);
}

/** All that the store has, each incarnation by itself, in their order. */
export async function storedStreams(client: Pick<ClientBase, 'query'>): Promise<readonly StoredStream[]> {
  const { rows } = await client.query<StreamRow & { readonly node: string; readonly name: string }>(
    `select node, name, ${COLUMNS} from stream order by node, name, incarnation`,
  );
  return rows.map((row) => streamOf({ node: row.node, stream: row.name }, row));
}

/** From here on, place and head, the spool's stream is another than the one before, as `found` says. */
export async function newIncarnation(
  client: ClientBase,
  { name, incarnation }: StoredStream,
  { place, head, found }: { readonly place: Place; readonly head: ChainHead; readonly found: Break },
): Promise<StoredStream> {
  const { node, stream } = name;
  await client.query('begin');
  const { rows } = await client.query<StreamRow>(INSERT_STREAM, [
    ...[node, stream, incarnation + 1, head.seq, head.hash, place.segment, place.bytes, place.tail],
  ]);
  const begun = streamOf(name, rows[0] as StreamRow);
  await insertFault(client, begun.id, found);
  await client.query('commit');
  return begun;
}

/** `received`: the partitions that the events come into. Returns what the store has then. @throws OvertakenError, or the server's errors; nothing is then in the store, or all */
export async function ship(
  client: ClientBase,
  { schema, received }: { readonly schema: string; readonly received: readonly string[] },
  stored: StoredStream,
  batch: Batch,
): Promise<StoredStream> {
  const { id, place, head } = stored;
  const { events, faults } = batch;
  await client.query('begin');
  const { rows } = await client.query<StreamRow>(LOCK_STREAM, [id]);
  const [row] = rows;
  if (row === undefined || !isAt(row, place, head)) {
    await client.query('rollback');
    throw new OvertakenError(stored.name);
  }
  await client.query(RECEIVED, [received]);
  if (events.length > 0) await client.query(INSERT_EVENTS, [id, ...columnsOf(events)]);
  await writeSessions(client, events);
  await writeAlarms(client, events);
  await writeTallies(client, id, events);
  for (const fault of faults) await insertFault(client, id, fault);
  const { segment, bytes, tail } = batch.place;
  await client.query(MOVE_STREAM, [id, segment, bytes, tail, batch.head.seq, batch.head.hash]);
  await client.query('select pg_notify($1, $2)', [CHANNEL, schema]);
  await client.query('commit');
  return { ...stored, place: batch.place, head: batch.head };
}

interface StreamRow {
  readonly id: number;
  readonly incarnation: number;
  readonly segment: number;
  readonly bytes: string;
  readonly tail: string;
  readonly seq: string;
  readonly hash: string;
}

const COLUMNS = 'id, incarnation, segment, bytes, tail, seq, hash';
const SELECT_STREAM = `
  select ${COLUMNS} from stream where node = $1 and name = $2 order by incarnation desc limit 1`;
const LOCK_STREAM = `select ${COLUMNS} from stream where id = $1 for update`;
const INSERT_STREAM = `
  insert into stream (node, name, incarnation, first_seq, first_prev, seq, hash, segment, bytes, tail)
  values ($1, $2, $3, $4::int8, $5::text, $4::int8, $5::text, $6, $7, $8) returning ${COLUMNS}`;
const MOVE_STREAM = `
  update stream set segment = $2, bytes = $3, tail = $4, seq = $5, hash = $6, shipped_at = now() where id = $1`;
/** Rarely, so that those who ship do not wait for each other. */
const RECEIVED = `
  insert into received (partition, at)
  select name, now() from unnest($1::text[]) as name
  where not exists (select from received where partition = name and at > now() - interval '1 hour')
  order by name
  on conflict (partition) do update set at = excluded.at`;
const INSERT_FAULT = `insert into fault (stream, place, seq, fault, detail) values ($1, $2, $3, $4, $5)`;

const insertFault = (client: ClientBase, stream: number, { place, seq, fault, detail }: Break) =>
  client.query(INSERT_FAULT, [stream, place, seq, fault, detail]);

function streamOf(name: StreamName, row: StreamRow): StoredStream {
  const { id, incarnation, segment, bytes, tail, seq, hash } = row;
  return {
    ...{ id, name, incarnation },
    place: { segment, bytes: Number(bytes), tail },
    head: { seq: Number(seq), hash },
  };
}

const isAt = (row: StreamRow, place: Place, head: ChainHead): boolean =>
  row.segment === place.segment &&
  Number(row.bytes) === place.bytes &&
  row.tail === place.tail &&
  Number(row.seq) === head.seq &&
  row.hash === head.hash;
