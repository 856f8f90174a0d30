/** How long the guard of a session takes for a text that it knows, one with other constants, and a new one. */
import { setImmediate } from 'node:timers/promises';
import type { Scope } from '../../guardrails/types.ts';
import type { GrantTicket, SessionGuard } from '../../proxy/ports.ts';
import type { Catalogs } from '../../server/catalogs.ts';
import { Guards } from '../../server/guard.ts';
import { median, quantile } from '../figures/statistics.ts';
import { FIRST_SCHEMA } from './large-database.ts';

export interface DecisionRow {
  readonly relations: number;
  /** Of the grant's scope. */
  readonly lines: number;
  readonly statement: string;
  /** Microseconds; the first is a mean over many, each of the others took longer than half of all. */
  readonly cached: number;
  /** A text that nobody has sent, but others that differ in constants only. */
  readonly constants: number;
  readonly uncached: number;
  readonly uncachedP99: number;
}

const CACHED = 200_000;
const UNCACHED = 2_000;
const WARM_UP = 1_000;
/** Texts in one turn of the event loop. */
const STRETCH = 100;

type Text = (n: number, alias: string) => string;

/** Short statements as applications send them, with a number that makes each another text, and a name another form. */
const STATEMENTS: Readonly<Record<string, Text>> = {
  'select by key': (n, a) => `select id, name, email from ${FIRST_SCHEMA}.customers_0 ${a} where id = ${n}`,
  join: (n, a) =>
    `select ${a}.id, ${a}.total, c.name from ${FIRST_SCHEMA}.orders_0 ${a} join ${FIRST_SCHEMA}.customers_0 c on c.id = ${a}.customer_id where ${a}.id = ${n}`,
  insert: (n, a) =>
    `insert into ${FIRST_SCHEMA}.orders_0 as ${a} (id, customer_id, total) values (${n}, 1, 2.5)`,
  update: (n, a) => `update ${FIRST_SCHEMA}.customers_0 ${a} set city = 'Paris' where id = ${n}`,
};

export async function measureDecisions(
  catalogs: Catalogs,
  relations: number,
  lines: readonly number[],
): Promise<readonly DecisionRow[]> {
  const rows: DecisionRow[] = [];
  for (const count of lines) {
    const guards = new Guards({ catalogs, grantOf: () => ({ scope: scopeOf(count), outOfScope: 'deny' }) });
    const guard = await guards.open(TICKET);
    for (const [statement, text] of Object.entries(STATEMENTS)) {
      rows.push({ relations, lines: count, statement, ...(await times(guard, text)) });
    }
    await guards.close();
  }
  return rows;
}

async function times(guard: SessionGuard, text: Text) {
  const uncached = await timesOf(guard, (n) => text(n, `a${n}`));
  const constants = await timesOf(guard, (n) => text(n, 'a'));
  const known = text(0, 'a');
  for (let time = 0; time < 3; time++) await guard.examine(known, () => undefined);
  const since = performance.now();
  for (let i = 0; i < CACHED; i++) examine(guard, known);
  const cached = ((performance.now() - since) * 1000) / CACHED;
  const uncachedP99 = quantile(uncached, 0.99);
  return { cached, constants: median(constants), uncached: median(uncached), uncachedP99 };
}

/** Of texts that come once each, in microseconds. */
async function timesOf(guard: SessionGuard, text: (n: number) => string): Promise<readonly number[]> {
  const times: number[] = [];
  for (let n = 0; n < WARM_UP + UNCACHED; n++) {
    if (n % STRETCH === 0) await setImmediate(); // the catalog is looked after
    const sql = text(n);
    const since = performance.now();
    examine(guard, sql);
    if (n >= WARM_UP) times.push((performance.now() - since) * 1000);
  }
  return times;
}

/** @throws Error if the statement is not allowed at once: then it is not what is to be measured. */
function examine(guard: SessionGuard, sql: string): void {
  const verdict = guard.examine(sql, () => undefined);
  if (verdict instanceof Promise || verdict.effect !== 'allow') throw new Error(`not allowed: ${sql}`);
}

/** The line that allows is the last. */
function scopeOf(lines: number): Scope {
  const others = Array.from({ length: lines - 1 }, (_, n) => ({
    actions: ['select', 'insert', 'update'] as const,
    on: [`other_${n}.orders_${n}`],
  }));
  return [...others, { actions: ['select', 'insert', 'update'], on: [`${FIRST_SCHEMA}.*`] }];
}

const TICKET: GrantTicket = {
  id: 'g0000000',
  principal: 'bench',
  database: 'bench',
  expiresAt: Number.POSITIVE_INFINITY,
  verifier: {
    iterations: 1,
    salt: new Uint8Array(),
    storedKey: new Uint8Array(),
    serverKey: new Uint8Array(),
  },
};
