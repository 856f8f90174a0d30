/** The guard of a session over a live server: names that change, catalogs that change, prepared statements, caches. */
import test from 'ava';
import pg from 'pg';
import { pino } from 'pino';
import { extract } from '../../guardrails/extract.ts';
import { redact } from '../../guardrails/redact.ts';
import type { Verdict } from '../../guardrails/types.ts';
import type { GrantTicket, SessionGuard, UpstreamTarget } from '../../proxy/ports.ts';
import { Catalogs } from '../../server/catalogs.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { Guards } from '../../server/guard.ts';
import { scopeOf } from '../guardrails/deciding.ts';
import { startPostgres } from '../helpers/postgres.ts';

const SCHEMA = `
  create table public.orders (id int);
  create table public.payments (id int);
  create schema app;
  create table app.orders (id int);
  create table app.notes (id int);
`;

let postgres: OwnPostgres;
let catalogs: Catalogs;
let guards: Guards;
const grants = new Map<GrantTicket, ReturnType<typeof scopeOf>>();

test.before(async () => {
  postgres = await startPostgres();
  await postgres.query(SCHEMA);
  const { host, port, user, password } = postgres;
  const target: UpstreamTarget = {
    host,
    port,
    user,
    password,
    database: 'postgres',
    tls: { mode: 'disable' },
  };
  catalogs = new Catalogs(new Map([['shop', target]]), pino({ level: 'silent' }));
  guards = new Guards({
    catalogs,
    grantOf: (ticket) => ({ scope: grants.get(ticket)!, outOfScope: 'deny' }),
  });
});
test.after.always(async () => {
  await guards?.close();
  await catalogs?.close();
  await postgres?.stop();
});

/** A session that follows the guard as the proxy does, with statements that all succeed. */
class Session {
  readonly guard: SessionGuard;
  readonly #prepared = new Map<string, Verdict>();

  constructor(guard: SessionGuard) {
    this.guard = guard;
  }

  examine(sql: string): Promise<Verdict> {
    return Promise.resolve(this.guard.examine(sql, (name) => this.#prepared.get(name)));
  }

  async run(sql: string): Promise<Verdict> {
    const verdict = await this.examine(sql);
    if (verdict.effect !== 'allow') return verdict;
    this.guard.forwarded(verdict);
    for (const { name, verdict: inner } of verdict.effects.prepares) this.#prepared.set(name, inner);
    this.guard.completed(verdict, false);
    return verdict;
  }

  async effect(sql: string): Promise<string> {
    return (await this.run(sql)).effect;
  }
}

const newTicket = (): GrantTicket => ({
  id: 'g0000000',
  principal: 'alice',
  database: 'shop',
  expiresAt: Date.now() + 60_000,
  verifier: {
    iterations: 1,
    salt: new Uint8Array(),
    storedKey: new Uint8Array(),
    serverKey: new Uint8Array(),
  },
});

async function open(...lines: string[]): Promise<Session> {
  const ticket = newTicket();
  grants.set(ticket, scopeOf(lines));
  return new Session(await guards.open(ticket));
}

async function onServer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url() });
  await client.connect();
  await client.query(sql);
  await client.end();
}

test('search_path decides what a name means, and every path that may be in force counts', async (t) => {
  const session = await open('select:public.*');
  t.is(await session.effect('select * from orders'), 'allow');
  t.is(await session.effect('select * from notes'), 'deny');
  t.is(await session.effect('set search_path to app'), 'allow');
  t.is(await session.effect('select * from orders'), 'deny');
  t.is(await session.effect('select * from public.orders'), 'allow');
  t.is(await session.effect('set search_path to public'), 'allow');
  t.is(await session.effect('select * from orders'), 'deny', 'the last SET may have been rolled back');
});

test('a search_path in the startup packet is the one that counts', async (t) => {
  const session = await open('select:public.*');
  t.is(session.guard.checkSetting('search_path', 'app, "$user"'), null);
  t.is(await session.effect('select * from orders'), 'deny');
  t.is(await session.effect('select * from payments'), 'deny');
});

test('settings in the startup packet are held to the same rules', async (t) => {
  const { guard } = await open('select:public.*');
  t.is(guard.checkSetting('DateStyle', 'ISO'), null);
  t.is(guard.checkSetting('role', 'postgres')?.sqlstate, '42501');
  t.is(guard.checkSetting('Standard_Conforming_Strings', 'off')?.sqlstate, '42501');
  t.is(guard.checkSetting('app.tenant', '1')?.sqlstate, '42501');
  const admin = await open('select:public.*', 'admin:setting app.tenant');
  t.is(admin.guard.checkSetting('app.tenant', '1'), null);
});

test('a verdict is current until names, or the catalog, change', async (t) => {
  const session = await open('select:public.*', 'select:app.*');
  await session.run('select * from orders'); // only a text that comes again is kept
  const verdict = await session.run('select * from orders');
  t.true(await session.guard.isCurrent(verdict));
  t.is(await session.examine('select * from orders'), verdict, 'from the cache');
  await session.run('set search_path to app');
  t.false(await session.guard.isCurrent(verdict));
  const other = await session.run('select * from orders');
  t.deepEqual(other.statements[0]?.needs.map(({ resource }) => resource).sort(), [
    'app.orders',
    'public.orders',
  ]);
});

test('sessions of one scope share verdicts, others do not', async (t) => {
  const [one, two, other] = [
    await open('select:public.orders'),
    await open('select:public.orders'),
    await open('select:app.orders'),
  ];
  await one.examine('select id from orders');
  const verdict = await one.examine('select id from orders');
  t.is(await two.examine('select id from orders'), verdict);
  t.not(await other.examine('select id from orders'), verdict);
  t.false(await other.guard.isCurrent(verdict));
});

test('a table that is made meanwhile is found', async (t) => {
  const session = await open('select:public.*');
  t.is(await session.effect('select * from fresh'), 'deny');
  await onServer('create table public.fresh (id int)');
  await new Promise((resolve) => setTimeout(resolve, 300));
  t.is(await session.effect('select * from fresh'), 'allow');
});

test('what a session makes it can use, before the catalog knows of it', async (t) => {
  const session = await open('create,select,insert:public.*', 'create:pg_temp.*');
  t.is(await session.effect('begin; create table public.mine (id int)'), 'allow');
  t.is(await session.effect('insert into mine select id from mine'), 'allow');
  t.is(await session.effect('create temp table scratch (id int)'), 'allow');
  t.is(await session.effect('insert into scratch values (1)'), 'allow');
  t.is(await session.effect('copy scratch to stdout'), 'deny');
});

test('a temporary table does not open the permanent one of its name', async (t) => {
  const session = await open('create:pg_temp.*', 'select:public.orders');
  t.is(await session.effect('begin; create temp table payments (id int); rollback'), 'allow');
  t.is(await session.effect('select * from payments'), 'deny');
  t.is(await session.effect('select * from pg_temp.payments'), 'allow');
});

test('a table that is made and rolled back does not hide another', async (t) => {
  const session = await open('create,select,drop:app.*');
  t.is(await session.effect('set search_path to app, public'), 'allow');
  t.is(await session.effect('begin; create table app.payments (id int); rollback'), 'allow');
  t.is(await session.effect('select * from payments'), 'deny');
  t.is(await session.effect('drop table app.orders'), 'allow');
  t.is(await session.effect('select * from orders'), 'deny');
});

test('EXECUTE is decided as what it runs, as its names are understood now', async (t) => {
  const session = await open('select:public.*');
  t.is(await session.effect('prepare p as select * from orders'), 'allow');
  t.is(await session.effect('execute p'), 'allow');
  t.is(await session.effect('explain execute p'), 'allow');
  t.is(await session.effect('create table public.copy as execute p'), 'deny');
  await session.run('set search_path to app');
  t.is(await session.effect('execute p'), 'deny');
  t.is((await session.examine('execute nothing')).error?.sqlstate, '26000');
  t.is((await session.examine('prepare q as delete from orders')).effect, 'deny');
});

test('a call of code that is not followed leaves no name certain', async (t) => {
  await onServer(`create function public.opaque() returns void language plpgsql as 'begin end'`);
  const session = await open('select:public.*', 'execute:public.opaque');
  t.is(await session.effect('select * from orders'), 'allow');
  const verdict = await session.run('select public.opaque()');
  t.is(verdict.effect, 'allow');
  t.true(verdict.effects.writes && verdict.effects.changesNames);
  t.is(verdict.effects.changesCatalog, 'perhaps');
  t.is(await session.effect('select * from orders'), 'deny');
  t.is(await session.effect('select * from payments'), 'allow');
});

test('a long text is examined off this thread, with the same verdict', async (t) => {
  const session = await open('insert:public.orders');
  const rows = Array.from({ length: 2000 }, (_, n) => `(${n})`).join(', ');
  const answer = session.guard.examine(`insert into orders values ${rows}`, () => undefined);
  t.true(answer instanceof Promise);
  t.is((await answer).effect, 'allow');
  t.is(await session.effect(`insert into payments values ${rows}`), 'deny');
});

test('texts that differ in constants only are decided once, and told apart', async (t) => {
  const session = await open('select,insert:public.*');
  const texts = ['7', '123456', "'password=abc'", '8'].map(
    (value) => `  select * from orders where id = ${value} ;`,
  );
  for (const sql of texts) {
    const verdict = await session.run(sql);
    const own = extract(sql).statements[0];
    t.is(verdict.effect, 'allow');
    t.is(verdict.redactedText, redact(sql));
    t.deepEqual(verdict.statements[0]?.range, own?.range, sql);
  }
  const before = await session.examine('select * from orders where id = 9');
  t.is(await session.effect('set search_path to app'), 'allow');
  t.false(await session.guard.isCurrent(before));
  t.is(await session.effect('select * from orders where id = 10'), 'deny');
});

test('a constant that decides is looked at in each text', async (t) => {
  const session = await open('select:public.*', 'admin:setting app.tenant');
  for (const name of ['app.tenant', 'app.tenant', 'app.tenant', 'app.tenant'])
    t.is(await session.effect(`select set_config('${name}', '1', false)`), 'allow');
  t.is(await session.effect("select set_config('app.other', '1', false)"), 'deny');
  t.is(await session.effect("select set_config('role', 'postgres', false)"), 'deny');
  for (const name of ['server_version', 'TimeZone', 'work_mem', 'server_version'])
    t.is(await session.effect(`select current_setting('${name}')`), 'allow');
  t.is(await session.effect("select current_setting('primary_conninfo')"), 'deny');
});

test('a grant of everything needs no catalog', async (t) => {
  const unreachable = new Guards({
    catalogs: { load: () => Promise.reject(new Error('there is no database')) },
    grantOf: (ticket) => ({ scope: grants.get(ticket)!, outOfScope: 'deny' }),
  });
  const { guard } = await open('*:*');
  const ticket = [...grants.keys()].at(-1)!;
  const own = await unreachable.open(ticket);
  for (const each of [guard, own]) {
    t.is((await each.examine('drop table whatever cascade', () => undefined)).effect, 'allow');
    t.is((await each.examine('set role postgres', () => undefined)).effect, 'deny');
    t.is((await each.examine("update pg_settings set setting = 'x'", () => undefined)).effect, 'deny');
  }
  await unreachable.close();
  grants.set(ticket, scopeOf(['select:public.*']));
  await t.throwsAsync(unreachable.open(ticket), { message: 'there is no database' });
});

for (const holds of [true, false])
  test(`what a role of the grant's own could not run is ${holds ? '' : 'not '}held`, async (t) => {
    const held = new Guards({
      catalogs,
      grantOf: () => ({ scope: scopeOf(['select:public.orders']), outOfScope: 'hold' }),
      termsOf: () => ({ mode: 'enforce', messages: [], holds }),
    });
    const own = await held.open(newTicket());
    const verdict = await own.examine('delete from orders', () => undefined);
    t.is(verdict.effect, holds ? 'hold' : 'deny');
    const lines = own.missing(verdict);
    t.deepEqual(
      lines.map(({ action, resource }) => `${action}:${resource}`),
      ['delete:public.orders'],
    );
    const approved = await own.examine('delete from orders', () => undefined, undefined, lines);
    t.is(approved.effect, 'allow');
    t.is((await own.examine('delete from orders', () => undefined)).effect, holds ? 'hold' : 'deny', 'once');
    t.false(await own.isCurrent(approved));
    await held.close();
  });
