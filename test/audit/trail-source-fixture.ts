/** A small trail of two streams, written as the proxy writes it, for the contract of TrailSource. */
import type { AuditEvent, SessionRef } from '../../audit/events.ts';
import { Spool } from '../../audit/spool.ts';

/** The first of the sessions begins here, Unix time in ms; each event is a second after the one before. */
export const BEGIN = Date.UTC(2026, 2, 31, 23, 59, 0);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

export const ALICE: SessionRef = {
  session: 'a11ce',
  grant: 'galice00',
  principal: 'alice',
  database: 'shop',
  client: '10.0.0.1:4000',
};
export const BOB: SessionRef = {
  session: 'b0b',
  grant: 'gbob0000',
  principal: 'bob',
  database: 'crm',
  client: '10.0.0.2:4000',
};
/** Statements of bob's, so many that pages of them are full. */
export const MANY = 40;

export const start = (ref: SessionRef, application: string | null = 'psql'): AuditEvent => ({
  type: 'session.start',
  ...ref,
  ...{ application, backendPid: 7, tls: true, protocol: '3.0' },
});

type Statement = Extract<AuditEvent, { type: 'statement' }>;
export const statement = (
  ref: SessionRef,
  number: number,
  sql: string,
  more: Partial<Statement> = {},
): AuditEvent => ({
  ...{ type: 'statement', ...ref, statement: number, via: 'query', decision: 'allow', sql },
  ...{ tags: ['SELECT'], needs: [], reasons: [], sqlstate: null, ...more },
});

export const statementEnd = (ref: SessionRef, number: number, rows: number): AuditEvent => ({
  ...{ type: 'statement.end', ...ref, statement: number, rows, bytes: rows * 10, durationMs: 1.5 },
  ...{ tag: `SELECT ${rows}`, sqlstate: null, cut: null },
});

export const flag = (ref: SessionRef, number: number, alarm: string, score: number): AuditEvent => ({
  ...{ type: 'risk.flag', ...ref, alarm, statement: number, action: 'flag', cause: 'statement' },
  ...{ score, sessionScore: 0.1, model: 'm1', reasons: ['it reads all rows'], news: [] },
  ...{ sql: `SELECT risky ${number}`, application: 'psql', teams: [], context: null },
});

export const verdict = (alarm: string, word: 'true' | 'false'): AuditEvent => ({
  ...{ type: 'risk.verdict', alarm, verdict: word, by: 'dba', note: 'seen before' },
});

const needs = (action: string, resource: string) => ({ needs: [{ action, resource }] });

/** Of worker 1, second by second. Crosses the end of a month. */
const FIRST: readonly AuditEvent[] = [
  { type: 'node.start', version: '1', config: 'c' },
  start(ALICE),
  statement(
    ALICE,
    1,
    'SELECT "Name" FROM orders WHERE note = \'Größe 42\'',
    needs('select', 'public.orders(id,"a(b")'),
  ),
  statementEnd(ALICE, 1, 3),
  statement(ALICE, 2, 'DELETE FROM payments', {
    ...needs('delete', 'public.payments'),
    ...{ decision: 'deny', reasons: ['delete on public.payments is missing'], sqlstate: '42501' },
    ...{ risk: 0.25 },
  }),
  flag(ALICE, 3, 'a11ce-1', 0.7),
  statement(ALICE, 3, 'SELECT * FROM orders', needs('select', 'public.orders')),
  statementEnd(ALICE, 3, 100),
  flag(ALICE, 4, 'a11ce-2', 0.9),
  statement(ALICE, 4, `SELECT '"risk":1,'`, { decision: 'hold', risk: 0.9, sessionRisk: 0.3123456 }),
  {
    ...{ type: 'session.end', ...ALICE, reason: 'client', detail: null, durationMs: 9 },
    ...{ statements: 4, denied: 2, rows: 103, bytes: 1030 },
  },
];

/** Of worker 2, half a second later each. Still open at its end. */
const SECOND_STREAM: readonly AuditEvent[] = [
  start(BOB, null),
  ...Array.from({ length: MANY }, (_, at) => [
    statement(BOB, at + 1, `SELECT ${at + 1} FROM contacts`, needs('select', 'crm.contacts')),
    statementEnd(BOB, at + 1, 1),
  ]).flat(),
  flag(BOB, MANY + 1, 'b0b-1', 0.4),
];

export const EVENTS = FIRST.length + SECOND_STREAM.length;

export function writeFixture(directory: string): Promise<void> {
  return Promise.all([
    write(directory, 'w1', FIRST, BEGIN),
    write(directory, 'w2', SECOND_STREAM, BEGIN + 500),
  ]).then(() => {});
}

/** Appends events to a stream, a second apart. */
export async function write(
  directory: string,
  stream: string,
  events: readonly AuditEvent[],
  from: number,
): Promise<void> {
  let now = from;
  const spool = Spool.open({ directory, node: 'n1', stream, fsync: 'never', clock: () => now });
  for (const event of events) {
    spool.append(event);
    now += SECOND;
  }
  await spool.commit();
  await spool.close();
}
