/**
 * Attacks on the age of the catalog, against a live server: what another session changes behind the proxy's back must
 * not be decided by what was there before.
 */
import test from 'ava';
import pg from 'pg';
import { pino } from 'pino';
import type { Effect, Verdict } from '../../guardrails/types.ts';
import type { GrantTicket, SessionGuard } from '../../proxy/ports.ts';
import { connectUpstream } from '../../proxy/upstream/connect.ts';
import type { CatalogAges } from '../../server/catalog-source.ts';
import { Catalogs } from '../../server/catalogs.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { Guards } from '../../server/guard.ts';
import { scopeOf } from '../guardrails/deciding.ts';
import { startPostgres } from '../helpers/postgres.ts';

const NEVER = Number.MAX_SAFE_INTEGER;
/** No clock makes it look: only what the test is about does. */
const LASTING: CatalogAges = {
  interval: 0,
  look: NEVER,
  stale: NEVER,
  patience: 60_000,
  longPatience: 60_000,
  limit: NEVER,
};

const SCHEMA = `
  create table public.orders (id int);
  create view public.shown as select id from public.orders;
  create schema hidden;
  create table hidden.secrets (id int);
`;
const BAIT = 'select * from public.shown';
const SWITCH = 'create or replace view public.shown as select id from hidden.secrets';

let postgres: OwnPostgres;
let made = 0;
test.before(async () => {
  postgres = await startPostgres();
});
test.after.always(() => postgres?.stop());

/** A database of its own for a test, with guards over it. */
async function setUp(t: { teardown(run: () => Promise<void>): void }, ages: Partial<CatalogAges> = {}) {
  const database = `fresh_${++made}`;
  const onServer = async (sql: string, on = database) => void (await postgres.query(sql, on));
  await onServer(`create database ${database}`, 'postgres');
  await onServer(SCHEMA);
  const { host, port, user, password } = postgres;
  const target = { host, port, user, password, database, tls: { mode: 'disable' } } as const;
  const catalogs = new Catalogs(new Map([['shop', target]]), pino({ level: 'silent' }));
  const announced: string[] = [];
  const gate: { promise: Promise<void> | null } = { promise: null };
  const guards = new Guards({
    catalogs: {
      load: async (name) => {
        await gate.promise;
        return catalogs.load(name);
      },
    },
    grantOf: () => ({ scope: scopeOf(['select,create,alter,drop,execute:public.*']), outOfScope: 'deny' }),
    ages: { ...LASTING, ...ages },
    announce: async ({ names }) => void announced.push(names === null ? 'done' : 'begun'),
  });
  t.teardown(async () => {
    await guards.close();
    await catalogs.close();
  });
  const open = async () => {
    const guard = await guards.open(TICKET);
    const upstream = await connectUpstream(target, {
      parameters: new Map(),
      timeoutMs: 60_000,
      keepAliveMs: 60_000,
    });
    upstream.socket.destroy();
    await guard.connected(upstream.origin);
    return guard;
  };
  return { database, onServer, guards, announced, gate, open };
}

const TICKET: GrantTicket = {
  id: 'g0000000',
  principal: 'alice',
  database: 'shop',
  expiresAt: NEVER,
  verifier: {
    iterations: 1,
    salt: new Uint8Array(),
    storedKey: new Uint8Array(),
    serverKey: new Uint8Array(),
  },
};

const examine = async (guard: SessionGuard, sql = BAIT): Promise<Verdict> =>
  guard.examine(sql, () => undefined);
const effect = async (guard: SessionGuard, sql = BAIT): Promise<Effect> => (await examine(guard, sql)).effect;

/** Asks again and again, until the answer is this one. */
async function becomes(guard: SessionGuard, expected: Effect, sql = BAIT): Promise<Verdict> {
  for (;;) {
    const verdict = await examine(guard, sql);
    if (verdict.effect === expected) return verdict;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a view that another session replaces is decided as what it is now', async (t) => {
  const { onServer, open } = await setUp(t, { stale: -1 });
  const guard = await open();
  const verdict = await examine(guard);
  t.is(verdict.effect, 'allow');
  await onServer(SWITCH);
  t.false(await guard.isCurrent(verdict), 'a prepared statement is examined again');
  t.is(await effect(guard), 'deny');
});

test('use alone has a change seen', async (t) => {
  const { onServer, open } = await setUp(t, { look: -1 });
  const guard = await open();
  t.is(await effect(guard), 'allow');
  await onServer(SWITCH);
  t.is((await becomes(guard, 'deny')).error?.sqlstate, '42501');
});

test('an error of the upstream about names has a change seen', async (t) => {
  const { onServer, open } = await setUp(t);
  const guard = await open();
  const verdict = await examine(guard);
  await onServer(SWITCH);
  t.is(await effect(guard), 'allow', 'nothing has told of it yet');
  guard.completed(verdict, true, '22012'); // division_by_zero says nothing about names
  guard.completed(verdict, true, '42703');
  await becomes(guard, 'deny');
});

test('what one session changes, the next statement of any is decided by', async (t) => {
  const { onServer, open, announced } = await setUp(t);
  const [one, other] = [await open(), await open()];
  t.is(await effect(other), 'allow');
  const change = await examine(one, 'alter table public.orders add column note text');
  t.is(change.effect, 'allow');
  one.forwarded(change);
  await onServer(SWITCH);
  one.completed(change, false);
  t.is(await effect(other), 'allow', 'its transaction may still be open');
  t.deepEqual(announced, []);
  one.transactionEnded();
  t.deepEqual(announced, ['done']);
  t.is(await effect(one), 'deny');
  t.is(await effect(other), 'deny');
});

test('nothing is refused before a change of the session’s own has been seen, however impatient statements are', async (t) => {
  const { onServer, open, gate } = await setUp(t, { patience: 0 });
  const awake = setInterval(() => {}, 1_000); // patience alone keeps no process alive
  t.teardown(async () => clearInterval(awake));
  const guard = await open();
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.promise = promise;
  const rename = await examine(guard, 'alter table public.orders rename to sales');
  guard.forwarded(rename);
  await onServer('alter table public.orders rename to sales');
  guard.completed(rename, false);
  guard.transactionEnded();
  const dropped = effect(guard, 'drop table public.sales cascade');
  const selected = effect(guard, 'select id from public.sales');
  resolve();
  t.is(await dropped, 'allow', 'what depends on it is known by now');
  t.is(await selected, 'allow');
});

test('changes that are still under way when an earlier transaction ends are waited for later', async (t) => {
  const { onServer, open } = await setUp(t);
  const guard = await open();
  const change = await examine(guard, 'alter table public.orders add column note text');
  guard.forwarded(change);
  guard.forwarded(change); // in the same pipeline, behind a Sync
  guard.completed(change, false);
  guard.transactionEnded();
  await onServer(SWITCH);
  t.is(await effect(guard), 'allow');
  guard.completed(change, false);
  guard.transactionEnded();
  t.is(await effect(guard), 'deny');
});

test('a function that might change the catalog is not waited for, but looked after', async (t) => {
  const { onServer, open } = await setUp(t);
  await onServer('create function public.calc() returns int language sql as $$ select 1 $$');
  const guard = await open();
  const call = await examine(guard, 'select public.calc()');
  t.is(call.effect, 'allow');
  await onServer(SWITCH);
  guard.forwarded(call);
  guard.completed(call, false);
  guard.transactionEnded();
  const { error } = await becomes(guard, 'deny', 'select * from only public.shown');
  t.is(error?.sqlstate, '42501');
});

test('another process that announces a change is believed', async (t) => {
  const { onServer, open, guards } = await setUp(t);
  const guard = await open();
  t.is(await effect(guard), 'allow');
  await onServer(SWITCH);
  for (const database of ['shop', 'nobody asked for it yet'])
    guards.catalogChanged({ database, session: '1 1', names: null });
  t.is(await effect(guard), 'deny');
});

test('an unknown name has the catalog looked at before it is refused', async (t) => {
  const { onServer, open } = await setUp(t);
  const guard = await open();
  t.is(await effect(guard, 'select * from public.late'), 'deny');
  await onServer('create table public.late (id int)');
  t.is(await effect(guard, 'select * from public.late'), 'allow');
});

test('a database that was dropped and made anew is another', async (t) => {
  const { database, onServer, open } = await setUp(t);
  t.is(await effect(await open()), 'allow');
  await onServer(`drop database ${database} with (force)`, 'postgres');
  await t.throwsAsync(open, undefined, 'there is none to open a session on');
  await onServer(`create database ${database}`, 'postgres');
  await onServer(SCHEMA);
  await onServer(SWITCH);
  t.is(await effect(await open()), 'deny');
});

test('a session in another database than the catalog’s does not begin', async (t) => {
  const { guards } = await setUp(t);
  const guard = await guards.open(TICKET);
  await t.throwsAsync(guard.connected('1 0'), { message: /another database/ });
  await t.notThrowsAsync(guard.connected(null), 'one that would not say has the catalog looked at');
});

test('past the limit nothing is decided by what could not be looked after, until it can be', async (t) => {
  const { database, onServer, open } = await setUp(t, { stale: -1, limit: Number.NEGATIVE_INFINITY });
  const guard = await open();
  t.is(await effect(guard), 'allow');
  await lock(database, false);
  const { error, effect: refused } = await examine(guard);
  t.is(refused, 'deny');
  t.is(error?.sqlstate, '58000');
  await lock(database, true);
  t.is(await effect(guard), 'allow');
  await onServer(SWITCH);
  t.is(await effect(guard), 'deny');
});

test('within the limit an upstream that is away for a moment is in nobody’s way', async (t) => {
  const { database, open } = await setUp(t, { stale: -1 });
  const guard = await open();
  await lock(database, false);
  t.is(await effect(guard), 'allow');
  await lock(database, true);
  t.is(await effect(guard), 'allow');
});

/** Nobody is let into the database, and nobody stays. */
async function lock(database: string, open: boolean): Promise<void> {
  await postgres.query(`alter database ${database} allow_connections ${open}`);
  if (open) return;
  const terminate = `select count(pg_terminate_backend(pid)) as ended from pg_stat_activity where datname = '${database}'`;
  const client = new pg.Client({ connectionString: postgres.url() });
  await client.connect();
  await client.query(terminate);
  const gone = async () =>
    (await client.query(`select from pg_stat_activity where datname = '${database}'`)).rowCount === 0;
  while (!(await gone()));
  await client.end();
}
