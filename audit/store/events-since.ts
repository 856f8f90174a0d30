import type pg from 'pg';
import type { SpooledEvent } from '../events.ts';
import type { StreamName } from '../segments.ts';

/** By the id of a stream, the number of its last event that is known. */
export type Heads = Map<number, number>;

/** Events that are read at once. */
const MOST = 1_000;

export async function storedHeads(pool: pg.Pool): Promise<Heads> {
  return new Map((await streams(pool)).map(({ id, seq }) => [id, Number(seq)]));
}

/**
 * What has come into the store since `heads`, which are brought up to date; of the streams that `wanted` names, asked for
 * when it is known what there is. Nothing while the store is out of reach: it is there the next time.
 */
export async function eventsSince(
  pool: pg.Pool,
  heads: Heads,
  wanted: () => (name: StreamName) => boolean = () => () => true,
): Promise<readonly SpooledEvent[]> {
  const events: SpooledEvent[] = [];
  try {
    const all = await streams(pool);
    const isWanted = wanted();
    for (const { id, node, name, seq } of all) {
      const last = Number(seq);
      let from = isWanted({ node, stream: name }) ? (heads.get(id) ?? 0) : last;
      while (from < last) {
        const { rows } = await pool.query<{ seq: string; line: string }>(SINCE, [id, from, last]);
        for (const row of rows) events.push(JSON.parse(row.line) as SpooledEvent);
        from = rows.length < MOST ? last : Number(rows.at(-1)?.seq);
        heads.set(id, from);
      }
      heads.set(id, from);
    }
  } catch {
    // Looked for again: `heads` says what is known.
  }
  return events;
}

interface Row {
  readonly id: number;
  readonly node: string;
  readonly name: string;
  readonly seq: string;
}

const streams = async (pool: pg.Pool): Promise<readonly Row[]> =>
  (await pool.query<Row>('select id, node, name, seq from stream')).rows;

const SINCE = `
  select seq, line from event where stream = $1 and seq > $2 and seq <= $3 order by seq limit ${MOST}`;
