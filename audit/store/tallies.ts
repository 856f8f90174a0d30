import type pg from 'pg';
import type { Decision, Tally, TallyRequest } from '../trail-source.ts';
import { Conditions } from './conditions.ts';
import { COUNTED } from './tally-rows.ts';

interface Count {
  readonly stretch: number;
  readonly what: string;
  readonly count: number;
}

/** Stretches of whole hours, or minutes, are added up from what was counted when the events came; others are counted now. */
export async function tally(pool: pg.Pool, request: TallyRequest): Promise<readonly Tally[]> {
  const { from, to, stretch } = request;
  const counts = Math.min(1_000, Math.max(0, Math.ceil((to - from) / stretch)));
  const [statements, alarms, verdicts] = await Promise.all([
    statementCounts(pool, request),
    alarmCounts(pool, request),
    verdictCounts(pool, request),
  ]);
  const all: Count[] = [...statements, ...alarms, ...verdicts];
  const by = new Map(all.map(({ stretch, what, count }) => [`${stretch} ${what}`, count]));
  return Array.from({ length: counts }, (_, index) => {
    const of = (what: Decision | 'alarm' | 'true' | 'false') => by.get(`${index} ${what}`) ?? 0;
    return {
      at: new Date(from + index * stretch).toISOString(),
      decisions: { allow: of('allow'), observe: of('observe'), deny: of('deny'), hold: of('hold') },
      alarms: of('alarm'),
      verdicts: { true: of('true'), false: of('false') },
    };
  });
}

function statementCounts(pool: pg.Pool, request: TallyRequest): Promise<readonly Count[]> {
  const whole = [request.from, request.to, request.stretch];
  const seconds = COUNTED.find((length) => whole.every((ms) => ms % (length * 1_000) === 0));
  if (seconds === undefined)
    return countOf(pool, 'event', 'decision', 'count(*)', request, `type = 'statement'`);
  return countOf(pool, 'tally', 'decision', 'sum(count)', request, `seconds = ${seconds}`);
}

const alarmCounts = (pool: pg.Pool, request: TallyRequest): Promise<readonly Count[]> =>
  countOf(pool, 'alarm', `'alarm'`, 'count(*)', request, 'flag is not null');

/** Of an alarm its last verdict counts, at the time of that. */
const verdictCounts = (pool: pg.Pool, request: TallyRequest): Promise<readonly Count[]> =>
  countOf(
    pool,
    '(select judged_at as at, word, database from alarm) as verdict',
    'word',
    'count(*)',
    request,
    'true',
  );

async function countOf(
  pool: pg.Pool,
  from: string,
  what: string,
  count: string,
  request: TallyRequest,
  condition: string,
): Promise<readonly Count[]> {
  const wanted = new Conditions()
    .add(condition)
    .add('at >= to_timestamp(?::float8 / 1000)', request.from)
    .add('at < to_timestamp(?::float8 / 1000)', request.to)
    .where('database = ?', request.database);
  const origin = wanted.value(request.from);
  const { rows } = await pool.query<Count>(
    `select floor((extract(epoch from at) * 1000 - ${origin}::float8) / ${request.stretch})::int4 as stretch,
            ${what} as what, ${count}::float8 as count
     from ${from} where ${wanted.sql} group by 1, 2`,
    wanted.values,
  );
  return rows;
}
