/** The timeline of a session, as the store has it: put together there, so that a hundred thousand lines stay there. */
import type pg from 'pg';
import { BY_WEIGHT, type SessionTimeline, type TimelineColumn } from '../session-timeline.ts';

/** null: there is no such session. */
export async function timelineOf(
  pool: pg.Pool,
  session: string,
  columns: number,
): Promise<SessionTimeline | null> {
  const { rows: spans } = await pool.query<{ from: number; to: number }>(SPAN, [session]);
  const [span] = spans;
  if (span === undefined) return null;
  const { rows } = await pool.query<TimelineColumn>(COLUMNS, [
    ...[session, span.from, span.to, columns],
    [...BY_WEIGHT],
  ]);
  return { ...span, columns: rows };
}

/** Unlike `extract` since PostgreSQL 14 it counts in floating point, which takes a tenth of the time. */
const ms = (time: string): string => `date_part('epoch', ${time}) * 1000`;
const wholeMs = (time: string): string => `round(${ms(time)})`;

const SPAN = `
  select ${wholeMs('started_at')} as "from", ${wholeMs('coalesce(ended_at, last, started_at)')} as "to"
  from session left join lateral (
    select at as last from event
    where event.session = session.session and type = 'statement' and at >= started_at
    order by statement desc limit 1
  ) as event on true
  where session = $1`;

const COLUMNS = `
  with raised as (
    select statement, count(*) as alarms from alarm where session = $1 and flag is not null group by statement
  )
  select min(statement) as first, max(statement) as last, ${wholeMs('min(at)')} as "from", ${wholeMs('max(at)')} as "to",
         count(*)::int as statements, ($5::text[])[max(array_position($5::text[], decision))] as worst,
         max(score) as risk, coalesce(sum(alarms), 0)::int as alarms
  from event left join raised using (statement)
  where session = $1 and type = 'statement' and at >= to_timestamp($2::float8 / 1000)
  group by least(greatest(floor((${ms('at')} - $2) / greatest($3 - $2, 1) * $4), 0), $4 - 1)
  order by first`;
