import type { ClientBase } from 'pg';
import { foldSession } from '../session-fold.ts';
import type { TrailSession } from '../trail-source.ts';
import type { StoredEvent } from './event-row.ts';

/** Columns of the table `session` as members of a TrailSession; times as ISO 8601 with milliseconds. */
export const SESSION_COLUMNS = `
  session, "grant", principal, database, client, application, node,
  to_char(started_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "startedAt",
  to_char(ended_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "endedAt",
  end_reason as "endReason", end_detail as "endDetail",
  statements::float8, denied::float8, rows::float8, bytes::float8, alarms::float8, risk, scores`;

/** Brings the sessions up to date that a batch of one stream is about: a session is of one stream. */
export async function writeSessions(client: ClientBase, events: readonly StoredEvent[]): Promise<void> {
  const ids = new Set(events.flatMap(({ event }) => sessionsOf(event)));
  if (ids.size === 0) return;
  const { rows } = await client.query<TrailSession>(SELECT, [[...ids]]);
  const sessions = new Map<string, TrailSession | null>(rows.map((row) => [row.session, row]));
  for (const { event } of events) {
    for (const id of sessionsOf(event)) sessions.set(id, foldSession(sessions.get(id) ?? null, event));
  }
  const changed = [...sessions.values()].filter((session) => session !== null);
  if (changed.length === 0) return;
  const column = (name: keyof TrailSession) =>
    changed.map((session) => (name === 'scores' ? `{${session.scores.join()}}` : session[name]));
  await client.query(UPSERT, MEMBERS.map(column));
}

const sessionsOf = (event: StoredEvent['event']): readonly string[] =>
  'session' in event && event.session !== null ? [event.session] : [];

const SELECT = `select ${SESSION_COLUMNS} from session where session = any($1)`;

const MEMBERS = [
  ...(['session', 'grant', 'principal', 'database', 'client', 'application', 'node'] as const),
  ...(['startedAt', 'endedAt', 'endReason', 'endDetail'] as const),
  ...(['statements', 'denied', 'rows', 'bytes', 'alarms', 'risk', 'scores'] as const),
] as const;

const UPSERT = `
  insert into session (session, "grant", principal, database, client, application, node, started_at,
                       ended_at, end_reason, end_detail, statements, denied, rows, bytes, alarms, risk, scores)
  select session, "grant", principal, database, client, application, node, started_at, ended_at, end_reason,
         end_detail, statements, denied, rows, bytes, alarms, risk, scores::float8[]
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                       $8::timestamptz[], $9::timestamptz[], $10::text[], $11::text[], $12::int8[],
                       $13::int8[], $14::int8[], $15::int8[], $16::int8[], $17::float8[], $18::text[])
         as row (session, "grant", principal, database, client, application, node, started_at, ended_at,
                 end_reason, end_detail, statements, denied, rows, bytes, alarms, risk, scores)
  on conflict (session) do update set
    application = excluded.application, ended_at = excluded.ended_at, end_reason = excluded.end_reason,
    end_detail = excluded.end_detail, statements = excluded.statements, denied = excluded.denied,
    rows = excluded.rows, bytes = excluded.bytes, alarms = excluded.alarms, risk = excluded.risk,
    scores = excluded.scores`;
