/** A trail to be asked: sessions of some dozens of people and services over months, as a spool of two nodes would have it. */
import type { AuditEvent, SessionRef } from '../../audit/events.ts';
import { Spool } from '../../audit/spool.ts';

const DAY = 86_400_000;
const STREAMS = [
  ['n1', 'w1'],
  ['n1', 'w2'],
  ['n2', 'w1'],
  ['n2', 'w2'],
] as const;
const PRINCIPALS = 60;
const RELATIONS = 250;
const DATABASES = ['shop', 'crm', 'billing', 'hr', 'logs'];
const WORDS = ['note', 'status', 'total', 'owner', 'email', 'region', 'amount', 'due', 'parcel', 'invoice'];

export interface LoadPlan {
  readonly directory: string;
  readonly events: number;
  readonly days: number;
  /** Unix ms of the first. */
  readonly from: number;
  /** Statements of one long session, on the last day. */
  readonly longSession: number;
}

/** What is in it that questions can be asked about. */
export interface Load {
  readonly events: number;
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
  readonly sessions: readonly string[];
  readonly longSession: string;
  /** Was busy in the first week, and never again. */
  readonly leaver: string;
  /** Words that are in some statements each, but never in the same. */
  readonly apart: readonly [string, string];
  /** In one statement in ten thousand. */
  readonly rare: string;
}

/** Writes the spool. The same plan gives the same trail. */
export async function writeLoad(plan: LoadPlan): Promise<Load> {
  const random = generator(20_261_122);
  let now = plan.from;
  const spools = STREAMS.map(([node, stream]) =>
    Spool.open({ directory: plan.directory, node, stream, fsync: 'never', clock: () => now }),
  );
  const step = (plan.days * DAY) / plan.events;
  const sessions: string[] = [];
  let events = 0;
  const put = (spool: Spool, event: AuditEvent): void => {
    spool.append(event);
    now += step;
    events += 1;
  };
  const long = 2 * plan.longSession + 2;
  while (events < plan.events - long) {
    const week = now < plan.from + 7 * DAY;
    const spool = spools[sessions.length % spools.length] as Spool;
    const ref = sessionOf(random, `s${sessions.length.toString(36).padStart(8, '0')}`, week);
    sessions.push(ref.session);
    writeSession(spool, put, random, ref, 1 + Math.floor(random() ** 3 * 120));
    if (sessions.length % 50 === 0) for (const each of spools) await each.commit();
  }
  const ref = sessionOf(random, 'slongest', false);
  writeSession(spools[0] as Spool, put, random, ref, plan.longSession);
  for (const spool of spools) await spool.close();
  return {
    ...{ events, from: plan.from, to: now, sessions, longSession: ref.session },
    ...{ leaver: LEAVER, apart: ['alpha7', 'omega7'], rare: 'needle7' },
  };
}

const LEAVER = 'leaver';

type Random = () => number;
type Put = (spool: Spool, event: AuditEvent) => void;

function writeSession(spool: Spool, put: Put, random: Random, ref: SessionRef, statements: number): void {
  put(spool, {
    ...{ type: 'session.start', ...ref, application: 'psql', backendPid: 1, tls: true, protocol: '3.0' },
  });
  let [rows, denied] = [0, 0];
  for (let number = 1; number <= statements; number += 1) {
    if (random() < 0.01) put(spool, flag(random, ref, number));
    const refused = random() < 0.02;
    put(spool, statement(random, ref, number, refused));
    denied += Number(refused);
    if (refused) continue;
    const count = Math.floor(random() ** 4 * 500);
    rows += count;
    put(spool, {
      ...{ type: 'statement.end', ...ref, statement: number, rows: count, bytes: 40 * count },
      ...{ durationMs: 1.25, tag: `SELECT ${count}`, sqlstate: null, cut: null },
    });
  }
  const sums = { durationMs: 60_000, statements, denied, rows, bytes: 40 * rows };
  put(spool, { type: 'session.end', ...ref, reason: 'client', detail: null, ...sums });
}

/** Few do most of it. */
function sessionOf(random: Random, session: string, firstWeek: boolean): SessionRef {
  const who = firstWeek && random() < 0.3 ? LEAVER : `person${Math.floor(random() ** 2 * PRINCIPALS)}`;
  const database = DATABASES[Math.floor(random() ** 2 * DATABASES.length)] as string;
  const grant = `g${Math.floor(random() * 20_000)
    .toString(36)
    .padStart(7, '0')}`;
  return {
    session,
    grant,
    principal: who,
    database,
    client: `10.0.0.${Math.floor(random() * 250)}:5${session.length}`,
  };
}

function statement(random: Random, ref: SessionRef, number: number, refused: boolean): AuditEvent {
  const relation = `public.table_${Math.floor(random() ** 3 * RELATIONS)}`;
  const column = () => WORDS[Math.floor(random() * WORDS.length)] as string;
  const write = random() < 0.15;
  const chance = random();
  const word = chance < 0.0001 ? 'needle7' : chance < 0.02 ? 'alpha7' : chance < 0.04 ? 'omega7' : column();
  const id = Math.floor(random() * 1e6);
  const sql = write
    ? `UPDATE ${relation} SET ${column()} = ${column()} || '${word}', changed_at = now() WHERE id = ${id}`
    : `SELECT t.id, t.${column()}, t.${column()}, count(*) FROM ${relation} t JOIN public.owners o ON o.id = t.owner_id WHERE t.${column()} = '${word}' AND t.id > ${id} GROUP BY 1, 2, 3 ORDER BY 1 LIMIT 50`;
  const action = write ? 'update' : 'select';
  const needs = [{ action, resource: relation }, ...(write ? [] : [{ action, resource: 'public.owners' }])];
  return {
    ...{
      type: 'statement',
      ...ref,
      statement: number,
      via: 'query',
      sql,
      tags: [action.toUpperCase()],
      needs,
    },
    decision: refused ? (random() < 0.1 ? 'hold' : 'deny') : 'allow',
    reasons: refused ? [`permission denied: the grant lacks ${action} on ${relation}`] : [],
    sqlstate: refused ? '42501' : null,
  };
}

function flag(random: Random, ref: SessionRef, number: number): AuditEvent {
  return {
    ...{ type: 'risk.flag', ...ref, alarm: `${ref.session}-${number}`, statement: number, action: 'flag' },
    ...{ cause: 'statement', score: 0.5 + random() / 2, sessionScore: 0.2, model: 'm1' },
    ...{ reasons: ['it reads far more rows than usual'], news: [], sql: 'SELECT * FROM public.owners' },
    ...{ application: 'psql', teams: [], context: null },
  };
}

/** Mulberry32. */
function generator(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
