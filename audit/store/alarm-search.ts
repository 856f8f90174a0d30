import type pg from 'pg';
import type { Alarm, AlarmSearch, EventOf, Page } from '../trail-source.ts';
import { Conditions } from './conditions.ts';
import { cursorOf, DAY, NAME, pageOf, readCursor, TIME } from './cursor.ts';

/** Lines of the trail. */
export interface AlarmRow {
  readonly flag: string;
  readonly verdict: string | null;
}

interface KeyedRow extends AlarmRow {
  readonly alarm: string;
  readonly day: string;
  readonly score: number;
  readonly judged: string;
}

export const alarmOf = ({ flag, verdict }: AlarmRow): Alarm => ({
  flag: JSON.parse(flag) as EventOf<'risk.flag'>,
  verdict: verdict === null ? null : (JSON.parse(verdict) as EventOf<'risk.verdict'>),
});

export async function alarmById(pool: pg.Pool, id: string): Promise<Alarm | null> {
  const { rows } = await pool.query<AlarmRow>(
    'select flag, verdict from alarm where alarm = $1 and flag is not null',
    [id],
  );
  return rows[0] === undefined ? null : alarmOf(rows[0]);
}

/** @throws RangeError for a cursor that is none */
export function searchAlarms(pool: pg.Pool, search: AlarmSearch): Promise<Page<Alarm>> {
  const wanted = new Conditions()
    .add('flag is not null')
    .where('principal = ?', search.principal)
    .where('database = ?', search.database);
  return search.state === 'open' ? open(pool, search, wanted) : judged(pool, search, wanted);
}

/** The oldest day first, of a day the riskiest. */
async function open(pool: pg.Pool, search: AlarmSearch, wanted: Conditions): Promise<Page<Alarm>> {
  wanted.add('verdict is null');
  const after = readCursor<[string, number, string]>(search.cursor, DAY, 'number', NAME);
  if (after !== null)
    wanted.add('(day, -score, alarm) > (?::date, ?::float8, ?)', after[0], -after[1], after[2]);
  const rows = await select(pool, wanted, 'day, -score, alarm', search.limit + 1);
  return pageOf(rows, search.limit, alarmOf, ({ day, score, alarm }) => cursorOf(day, score, alarm));
}

/** The last judged first. */
async function judged(pool: pg.Pool, search: AlarmSearch, wanted: Conditions): Promise<Page<Alarm>> {
  wanted.add('verdict is not null');
  const after = readCursor<[string, string]>(search.cursor, TIME, NAME);
  if (after !== null) wanted.add('(judged_at, alarm) < (?::timestamptz, ?)', ...after);
  const rows = await select(pool, wanted, 'judged_at desc, alarm desc', search.limit + 1);
  return pageOf(rows, search.limit, alarmOf, ({ judged, alarm }) => cursorOf(judged, alarm));
}

async function select(
  pool: pg.Pool,
  wanted: Conditions,
  order: string,
  limit: number,
): Promise<readonly KeyedRow[]> {
  const { rows } = await pool.query<KeyedRow>(
    `select alarm, day::text, score, flag, verdict,
            to_char(judged_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as judged
     from alarm where ${wanted.sql} order by ${order} limit ${limit}`,
    wanted.values,
  );
  return rows;
}
