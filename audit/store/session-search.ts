import type pg from 'pg';
import type { SpooledEvent } from '../events.ts';
import type { EventOf, Page, SessionSearch, TrailSession, TrailStatement } from '../trail-source.ts';
import { type AlarmRow, alarmOf } from './alarm-search.ts';
import { Conditions } from './conditions.ts';
import { cursorOf, NAME, pageOf, readCursor, TIME } from './cursor.ts';
import { SESSION_COLUMNS } from './session-rows.ts';

/** The newest first. @throws RangeError for a cursor that is none */
export async function searchSessions(pool: pg.Pool, search: SessionSearch): Promise<Page<TrailSession>> {
  const after = readCursor<[string, string]>(search.cursor, TIME, NAME);
  const wanted = new Conditions()
    .where('principal = ?', search.principal)
    .where('database = ?', search.database)
    .where('"grant" = ?', search.grant)
    .where('started_at >= to_timestamp(?::float8 / 1000)', search.from)
    .where('started_at < to_timestamp(?::float8 / 1000)', search.to);
  if (after !== null) wanted.add('(started_at, session) < (?::timestamptz, ?)', ...after);
  const { rows } = await pool.query<TrailSession>(
    `select ${SESSION_COLUMNS} from session where ${wanted.sql}
     order by started_at desc, session desc limit ${search.limit + 1}`,
    wanted.values,
  );
  return pageOf(
    rows,
    search.limit,
    (row) => row,
    ({ startedAt, session }) => cursorOf(startedAt, session),
  );
}

export async function sessionsById(pool: pg.Pool, ids: readonly string[]): Promise<readonly TrailSession[]> {
  const { rows } = await pool.query<TrailSession>(
    `select ${SESSION_COLUMNS} from session where session = any($1::text[])`,
    [ids],
  );
  return rows;
}

/** From the statement with number `from` on, with what came of each. */
export async function statementsOf(
  pool: pg.Pool,
  session: string,
  from: number,
  limit: number,
): Promise<readonly TrailStatement[]> {
  const { rows } = await pool.query<{ line: string }>(STATEMENTS, [session, from, limit]);
  const statements = rows.map(({ line }) => JSON.parse(line) as EventOf<'statement'>);
  const last = statements.at(-1)?.statement ?? 0;
  const [ends, alarms] = await Promise.all([
    pool.query<{ line: string }>(ENDS, [session, from, last]),
    pool.query<AlarmRow>(ALARMS, [session, from, last]),
  ]);
  const endOf = new Map(
    ends.rows.map(({ line }) => {
      const end = JSON.parse(line) as SpooledEvent & EventOf<'statement.end'>;
      return [end.statement, end];
    }),
  );
  const alarmAt = new Map(
    alarms.rows.map((row) => {
      const alarm = alarmOf(row);
      return [alarm.flag.statement, alarm];
    }),
  );
  return statements.map((statement) => ({
    statement,
    end: endOf.get(statement.statement) ?? null,
    alarm: alarmAt.get(statement.statement) ?? null,
  }));
}

/** Nothing of a session is older than its beginning: older partitions are not looked at. */
const SINCE = `at >= coalesce((select started_at from session where session = $1), '-infinity')`;
const STATEMENTS = `
  select line from event where session = $1 and statement >= $2 and type = 'statement' and ${SINCE}
  order by statement limit $3`;
const ENDS = `
  select line from event
  where session = $1 and statement between $2 and $3 and type = 'statement.end' and ${SINCE}`;
const ALARMS = `
  select flag, verdict from alarm where session = $1 and statement between $2 and $3 and flag is not null`;
