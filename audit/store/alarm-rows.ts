import type { ClientBase } from 'pg';
import { riskOf } from '../search-terms.ts';
import type { EventOf } from '../trail-source.ts';
import type { StoredEvent } from './event-row.ts';

/** Rows for alarms, and for verdicts on them, which may come first: they are of another stream. */
export async function writeAlarms(client: ClientBase, events: readonly StoredEvent[]): Promise<void> {
  const flags = latest(events, (event) => (event.type === 'risk.flag' ? event : null));
  if (flags.length > 0) {
    const of = (name: keyof EventOf<'risk.flag'>) => flags.map(({ event }) => event[name]);
    const scores = flags.map(({ event }) => riskOf(event) ?? -1);
    const known = ['alarm', 'at', 'session', 'statement', 'principal', 'database'] as const;
    await client.query(FLAGS, [...known.map(of), scores, flags.map(({ line }) => line)]);
  }
  const verdicts = latest(events, (event) => (event.type === 'risk.verdict' ? event : null));
  if (verdicts.length > 0) {
    const of = (name: keyof EventOf<'risk.verdict'>) => verdicts.map(({ event }) => event[name]);
    await client.query(VERDICTS, [of('alarm'), of('at'), of('verdict'), verdicts.map(({ line }) => line)]);
  }
}

/** Of each alarm the last, in an order that is the same for all who write. */
function latest<T extends { readonly alarm: string }>(
  events: readonly StoredEvent[],
  wanted: (event: StoredEvent['event']) => T | null,
): readonly { readonly event: T; readonly line: string }[] {
  const byAlarm = new Map<string, { event: T; line: string }>();
  for (const { event, line } of events) {
    const found = wanted(event);
    if (found !== null) byAlarm.set(found.alarm, { event: found, line });
  }
  return [...byAlarm.values()].sort((a, b) => (a.event.alarm < b.event.alarm ? -1 : 1));
}

const FLAGS = `
  insert into alarm (alarm, at, day, session, statement, principal, database, score, flag)
  select alarm, at, (at at time zone 'UTC')::date, session, statement, principal, database, score, flag
  from unnest($1::text[], $2::timestamptz[], $3::text[], $4::int4[], $5::text[], $6::text[], $7::float8[],
              $8::text[])
       as row (alarm, at, session, statement, principal, database, score, flag)
  on conflict (alarm) do update set
    at = excluded.at, day = excluded.day, session = excluded.session, statement = excluded.statement,
    principal = excluded.principal, database = excluded.database, score = excluded.score,
    flag = excluded.flag`;

const VERDICTS = `
  insert into alarm (alarm, judged_at, word, verdict)
  select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[])
  on conflict (alarm) do update set
    judged_at = excluded.judged_at, word = excluded.word, verdict = excluded.verdict
  where alarm.judged_at is null or alarm.judged_at <= excluded.judged_at`;
