import type { SpooledEvent } from '../events.ts';
import { riskOf, termsOf } from '../search-terms.ts';
import { scoreOf } from '../session-timeline.ts';

/** An event with its line of the spool, without the newline. */
export interface StoredEvent {
  readonly event: SpooledEvent;
  readonly line: string;
  /** Where it ends in the spool. */
  readonly segment: number;
  readonly end: number;
}

/** Rows of the table `event` for a stream, $1, from arrays: one for each column. */
export const INSERT_EVENTS = `
  insert into event (at, stream, seq, type, session, statement, decision, database, risk, score, terms, line)
  select at, $1, seq, type, session, statement, decision, database, risk, score, string_to_array(terms, E'\\n'), line
  from unnest($2::timestamptz[], $3::int8[], $4::text[], $5::text[], $6::int4[], $7::text[], $8::text[],
              $9::float8[], $10::float8[], $11::text[], $12::text[])
       as row (at, seq, type, session, statement, decision, database, risk, score, terms, line)`;

/** $2 to $12 of INSERT_EVENTS. */
export function columnsOf(events: readonly StoredEvent[]): readonly unknown[] {
  const member = (name: string) => events.map(({ event }) => memberOf(event, name));
  return [
    ...['at', 'seq', 'type', 'session', 'statement', 'decision', 'database'].map(member),
    events.map(({ event }) => riskOf(event)),
    events.map(({ event }) => (event.type === 'statement' ? scoreOf(event) : null)),
    events.map(({ event }) => termsOf(event).join('\n')),
    events.map(({ line }) => line),
  ];
}

/** `decision` is also what a model answered, which is none of ours. */
function memberOf(event: SpooledEvent, name: string): unknown {
  if (name === 'decision' && event.type !== 'statement') return null;
  return (event as unknown as Readonly<Record<string, unknown>>)[name] ?? null;
}
