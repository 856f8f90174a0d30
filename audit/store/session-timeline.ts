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

const ms = (time: string): string => `(extract(epoch from ${time}) * 1000)::float8`;

const SPAN = `
  select ${ms('started_at')} as "from", ${ms('coalesce(ended_at, last, started_at)')} as "to"
  from session left join lateral (
    select at as last from event
    where event.session = session.session and type = 'statement' and at >= started_at
    order by statement desc limit 1
  ) as event on true
  where session = $1`;

/** What the model said stands in the line only, and only in those of the statements that it looked at. */
const SCORE = `
  case when line like '%"sessionRisk":%' or line like '%"risk":%' then greatest(
    substring(line from '"risk":([0-9.e-]+)[,}]')::float8,
    substring(line from '"sessionRisk":([0-9.e-]+)[,}]')::float8) end`;

const COLUMNS = `
  with raised as (
    select statement, count(*) as alarms from alarm where session = $1 and flag is not null group by statement
  ), ran as (
    select statement, ${ms('at')} as at, array_position($5::text[], decision) as weight, ${SCORE} as score,
           coalesce(alarms, 0) as alarms
    from event left join raised using (statement)
    where session = $1 and statement is not null and type = 'statement'
      and at >= to_timestamp($2::float8 / 1000)
  )
  select min(statement) as first, max(statement) as last, min(at) as "from", max(at) as "to",
         count(*)::int as statements, ($5::text[])[max(weight)] as worst, max(score) as risk,
         sum(alarms)::int as alarms
  from ran
  group by least(greatest(floor((at - $2) / greatest($3 - $2, 1) * $4), 0), $4 - 1)
  order by first`;
