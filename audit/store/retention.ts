import type { ClientBase } from 'pg';
import type { CheckpointKey } from '../checkpoint.ts';
import { STORE_LOCK } from './migrate.ts';
import { listPartitions } from './partitions.ts';

/** Events of a stream that stand together in a partition. */
interface Range {
  readonly stream: number;
  readonly name: string;
  readonly first: string;
  readonly last: string;
  readonly prev: string;
  readonly hash: string;
}

/** Somebody may read a partition for as long as this before it is dropped at another time. */
const PATIENCE = '3s';

export interface Retention {
  /** How long events stay, ms. */
  readonly retention: number;
  /** By the clock of this node, Unix ms. */
  readonly now: number;
}

/**
 * Drops partitions all of whose events are older, and what was made of them. What the chain went by is signed for and stays,
 * so that what is left still proves to follow from it. Clocks may be wrong: what is old has to be so by that of the server,
 * too, and to have come as long ago. A node whose clock is years ahead drops nothing by that, one whose clock is years behind
 * loses nothing by it. Resolves with their names.
 */
export async function retire(
  client: ClientBase,
  key: CheckpointKey,
  { retention, now }: Retention,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ now: number }>(NOW);
  const before = Math.min(now, rows[0]?.now ?? now) - retention;
  const fresh = new Set(
    (await client.query<{ partition: string }>(FRESH, [retention])).rows.map(({ partition }) => partition),
  );
  const old = (await listPartitions(client)).filter(
    ({ name, to }) => Date.parse(to) <= before && !fresh.has(name),
  );
  const gone: string[] = [];
  for (const { name, to } of old) {
    await client.query('begin');
    await client.query(`set local lock_timeout = '${PATIENCE}'`);
    await client.query(`select pg_advisory_xact_lock(${STORE_LOCK})`);
    // Another node may have dropped it meanwhile.
    if ((await listPartitions(client)).some((each) => each.name === name)) {
      for (const range of await rangesOf(client, name)) await keep(client, key, range);
      for (const sql of CLEANUP) await client.query(sql, [to]);
      await client.query(`drop table ${name}`);
      await client.query('delete from received where partition = $1', [name]);
      gone.push(name);
    }
    await client.query('commit');
  }
  return gone;
}

const NOW = 'select floor(extract(epoch from now()) * 1000)::float8 as now';
const FRESH = `select partition from received where at > now() - $1::float8 * interval '1 ms'`;

/** `{"prev":"` is nine characters, `"}` two. */
async function rangesOf(client: ClientBase, partition: string): Promise<readonly Range[]> {
  const { rows } = await client.query<Range>(
    `with range as (
       select stream, min(seq) as first, max(seq) as last
       from (select stream, seq, seq - row_number() over (partition by stream order by seq) as apart
             from ${partition}) as numbered
       group by stream, apart)
     select range.stream, s.node || '/' || s.name as name, first, last,
            substr(f.line, 10, 64) as prev, substr(l.line, length(l.line) - 65, 64) as hash
     from range join stream s on s.id = range.stream
     join ${partition} f on f.stream = range.stream and f.seq = first
     join ${partition} l on l.stream = range.stream and l.seq = last
     order by range.stream, first`,
  );
  return rows;
}

async function keep(client: ClientBase, key: CheckpointKey, range: Range): Promise<void> {
  const { stream, name, first, last, prev, hash } = range;
  const claim = { kind: 'retired', stream: name, seq: Number(last), hash } as const;
  const line = key.sign({ ...claim, after: Number(first) - 1, afterHash: prev }, new Date());
  await client.query(RETIRED, [stream, first, prev, last, hash, line]);
  // What was signed of these events says nothing any more.
  await client.query('delete from checkpoint where stream = $1 and seq between $2 and $3', [
    ...[stream, first, last],
  ]);
}

const RETIRED = `
  insert into retired (stream, first_seq, first_prev, last_seq, last_hash, line) values ($1, $2, $3, $4, $5, $6)
  on conflict do nothing`;

/** Of sessions, those that have begun before and are over, or were never heard of again. */
const CLEANUP = [
  `delete from session where started_at < $1::timestamptz and coalesce(ended_at, started_at) < $1::timestamptz`,
  `delete from alarm where coalesce(at, judged_at) < $1::timestamptz`,
  `delete from tally where at < $1::timestamptz`,
];
