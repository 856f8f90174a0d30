import type { ClientBase } from 'pg';
import type { StoredEvent } from './event-row.ts';

/** Lengths of the stretches that are counted as events come, in seconds; the longest first. */
export const COUNTED = [3_600, 60] as const;

/** Adds the statements of a batch up. Rows are of one stream, so that no other waits for them. */
export async function writeTallies(
  client: ClientBase,
  stream: number,
  events: readonly StoredEvent[],
): Promise<void> {
  const counts = new Map<string, { key: readonly [number, string, string, string]; count: number }>();
  for (const { event } of events) {
    if (event.type !== 'statement') continue;
    for (const seconds of COUNTED) {
      const at = Math.floor(Date.parse(event.at) / 1000 / seconds) * seconds * 1000;
      const key = [seconds, new Date(at).toISOString(), event.database, event.decision] as const;
      const name = JSON.stringify(key);
      counts.set(name, { key, count: (counts.get(name)?.count ?? 0) + 1 });
    }
  }
  if (counts.size === 0) return;
  const rows = [...counts.values()];
  const column = (index: number) => rows.map(({ key }) => key[index]);
  await client.query(UPSERT, [stream, ...[0, 1, 2, 3].map(column), rows.map(({ count }) => count)]);
}

const UPSERT = `
  insert into tally (stream, seconds, at, database, decision, count)
  select $1, * from unnest($2::int4[], $3::timestamptz[], $4::text[], $5::text[], $6::int8[])
  on conflict (seconds, at, stream, database, decision) do update set count = tally.count + excluded.count`;
