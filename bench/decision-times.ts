/** How long the guard of a session takes for a text that it knows, and for one that nobody has sent before. */
import { setImmediate } from 'node:timers/promises';
import type { Scope } from '../guardrails/types.ts';
import type { GrantTicket, SessionGuard } from '../proxy/ports.ts';
import type { Catalogs } from '../server/catalogs.ts';
import { Guards } from '../server/guard.ts';
import { FIRST_SCHEMA } from './large-database.ts';
import { median, quantile } from './statistics.ts';

export interface DecisionRow {
  readonly relations: number;
  /** Of the grant's scope. */
  readonly lines: number;
  readonly statement: string;
  /** Microseconds; the first is a mean over many, each of the others took longer than half of all. */
  readonly cached: number;
  readonly uncached: number;
  readonly uncachedP99: number;
}

const CACHED = 200_000;
const UNCACHED = 2_000;
const WARM_UP = 1_000;
/** Texts in one turn of the event loop. */
const STRETCH = 100;

/** Short statements as applications send them, with a number that makes each another text. */
const STATEMENTS: Readonly<Record<string, (n: number) => string>> = {
  'select by key': (n) => `select id, name, email from ${FIRST_SCHEMA}.customers_0 where id = ${n}`,
  join: (n) =>
    `select o.id, o.total, c.name from ${FIRST_SCHEMA}.orders_0 o join ${FIRST_SCHEMA}.customers_0 c on c.id = o.customer_id where o.id = ${n}`,
  insert: (n) => `insert into ${FIRST_SCHEMA}.orders_0 (id, customer_id, total) values (${n}, 1, 2.5)`,
  update: (n) => `update ${FIRST_SCHEMA}.customers_0 set city = 'Paris' where id = ${n}`,
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

async function times(guard: SessionGuard, text: (n: number) => string) {
  const uncached: number[] = [];
  for (let n = 0; n < WARM_UP + UNCACHED; n++) {
    if (n % STRETCH === 0) await setImmediate(); // the catalog is looked after
    const sql = text(n);
    const since = performance.now();
    examine(guard, sql);
    if (n >= WARM_UP) uncached.push((performance.now() - since) * 1000);
  }
  await guard.examine(text(0), () => undefined);
  const known = text(0);
  const since = performance.now();
  for (let i = 0; i < CACHED; i++) examine(guard, known);
  const cached = ((performance.now() - since) * 1000) / CACHED;
  return { cached, uncached: median(uncached), uncachedP99: quantile(uncached, 0.99) };
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
