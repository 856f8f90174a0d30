/** Holding, observing, and the operator's words, as clients and operators see them. */
import test from 'ava';
import pg from 'pg';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { freePort } from '../helpers/free-port.ts';
import { type GrantWish, type Postern, startPostern } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { message, RawClient } from '../helpers/raw-client.ts';

const READER = ['select:public.*', 'create:pg_temp.*'];

let postgres: OwnPostgres;
let postern: Postern;
let metrics: number;

test.before(async () => {
  postgres = await startPostgres();
  await postgres.query(`
    create table public.orders (id int primary key, note text);
    insert into public.orders select n, 'note ' || n from generate_series(1, 50) n;
    create function public.touch() returns int language sql as 'select 1';
    create function public.touch(int) returns boolean language plpgsql as 'begin perform pg_sleep(0); return true; end';
    create domain public.touched as int check (public.touch(value));
  `);
  metrics = await freePort();
  const url = postgres.url();
  postern = await startPostern({
    postgres,
    config: {
      metrics: { listen: `127.0.0.1:${metrics}` },
      databases: { postgres: { url, hold: { inTransaction: 'deny' } }, watched: { url, mode: 'observe' } },
      messages: [
        { actions: ['delete'], databases: ['postgres'], message: 'Rows stay.', hint: 'Ask Ann.' },
        { on: ['public.orders'], databases: ['postgres'], message: 'Orders are closed.' },
      ],
    },
  });
});
test.after.always(async () => {
  await postern?.stop();
  await postgres?.stop();
});

async function connected<T>(
  wish: Partial<GrantWish>,
  use: (client: pg.Client) => Promise<T>,
  options = '',
): Promise<T> {
  const { url } = await postern.grant({ allow: READER, ...wish });
  const client = new pg.Client({ connectionString: url, options });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const failure = (client: pg.Client, sql: string): Promise<pg.DatabaseError> =>
  client.query(sql).then(
    () => Promise.reject(new Error(`${sql} was not refused`)),
    (error: pg.DatabaseError) => error,
  );

async function counted(decision: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith(`postern_statements_total{decision="${decision}"`));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

test("what an operator says comes with the denial, once, and only where it's meant", async (t) => {
  await connected({}, async (client) => {
    const both = await failure(client, 'delete from orders; update orders set id = 1');
    t.is(both.code, '42501');
    t.true(
      both.detail?.startsWith('Rows stay.\nOrders are closed.\ndelete on public.orders is missing'),
      both.detail,
    );
    t.is(both.hint, 'Ask Ann.\nask for --allow delete:public.orders --allow update:public.orders');
    const other = await failure(client, 'create table public.t (id int)');
    t.is(other.hint, 'ask for --allow create:public.t');
    t.notRegex(other.detail ?? '', /Rows|Orders/);
  });
});

test('a grant that holds refuses with a reason of its own, and leaves the session as any error does', async (t) => {
  const before = await counted('hold');
  await connected({ outOfScope: 'hold' }, async (client) => {
    await client.query('begin');
    const held = await failure(client, 'delete from orders');
    t.is(held.code, '42501');
    t.is(held.message, 'statement needs a reviewer: delete on public.orders');
    t.regex(held.detail ?? '', /^Statements of a transaction do not wait for a reviewer here/);
    t.is((await failure(client, 'select 1')).code, '25P02');
    await client.query('rollback');
    t.is((await failure(client, 'set role bob')).message, 'refused under any grant: setting role');
    t.is((await client.query('select count(*)::int as n from orders')).rows[0].n, 50);
  });
  const event = await postern.event('statement', { decision: 'hold' });
  t.is(event.sqlstate, '42501');
  t.deepEqual(event.needs, [{ action: 'delete', resource: 'public.orders' }]);
  t.is(await counted('hold'), before + 1);
});

test('observed: what a grant lacks is done, recorded and counted', async (t) => {
  const before = await counted('observe');
  await connected({ database: 'watched' }, async (client) => {
    await client.query('begin');
    t.is((await client.query('delete from orders where id = $1', [1])).rowCount, 1);
    t.is((await client.query('select touch() as n')).rows[0].n, 1);
    await client.query("prepare p as update orders set note = 'x'");
    t.is((await client.query('execute p')).rowCount, 49);
    await client.query('rollback');
    await client.query("set app.tenant = '7'");
    t.is((await client.query('select count(*)::int as n from orders')).rows[0].n, 50);
  });
  const sql = 'delete from orders where id = $1';
  const event = await postern.event('statement', { sql, decision: 'observe', via: 'execute' });
  t.is(event.sqlstate, null);
  t.regex(event.reasons.join('\n'), /permission denied by grant: delete on public\.orders/);
  const end = await postern.event('statement.end', { session: event.session, statement: event.statement });
  t.is(end.tag, 'DELETE 1');
  await postern.event('statement', {
    sql: 'select count(*)::int as n from orders',
    decision: 'allow',
    session: event.session,
  });
  t.true((await counted('observe')) >= before + 5);
});

test('observed: types that Parse gives to parameters pass, and are recorded', async (t) => {
  const [row] = await postgres.query<{ readonly oid: string }>(
    "select 'public.touched'::regtype::int8 as oid",
  );
  const types = Buffer.alloc(6);
  types.writeUInt16BE(1, 0);
  types.writeUInt32BE(Number(row?.oid), 2);
  const answers = async (database: string) => {
    const client = await RawClient.connect(postern.port);
    await client.login(await postern.grant({ allow: READER, database }));
    client.send(message('P', Buffer.from("\0select 'typed'\0"), types), message('S'));
    const seen = (await client.receiveUntil('Z')).map(({ type }) => type);
    client.destroy();
    return seen;
  };
  t.deepEqual(await answers('postgres'), ['E', 'Z']);
  t.deepEqual(await answers('watched'), ['1', 'Z']);
  const event = await postern.event('statement', { sql: "select 'typed'", decision: 'observe' });
  t.regex(event.reasons.join('\n'), /permission denied by grant: execute on pg_catalog\.pg_sleep/);
});

test('observed: what no grant allows is refused as ever', async (t) => {
  await connected({ database: 'watched' }, async (client) => {
    for (const sql of [
      'set role postgres',
      'set session authorization postgres',
      'set standard_conforming_strings = off',
      "select set_config('role', 'postgres', false)",
      "select set_config(lower('ROLE'), 'postgres', false)",
      "update pg_settings set setting = 'postgres' where name = 'role'",
      'delete from orders; set role postgres',
    ])
      t.regex((await failure(client, sql)).message, /^refused under any grant/, sql);
    t.is((await failure(client, 'delete form orders')).code, '42601');
    t.is((await client.query('select count(*)::int as n from orders')).rows[0].n, 50);
  });
});

test('observed: budgets are counted and cut nothing', async (t) => {
  const limits = { rowsPerStatement: 2, rows: 3, bytes: 50, statements: 1 };
  await connected({ database: 'watched', limits }, async (client) => {
    for (let time = 0; time < 3; time++) t.is((await client.query('select * from orders')).rowCount, 50);
  });
  await connected({ limits }, async (client) => {
    t.regex((await failure(client, 'select * from orders')).message, /row/);
  });
});

test('observed: the logins of a grant are bounded', async (t) => {
  const { url } = await postern.grant({ allow: READER, database: 'watched', limits: { logins: 1 } });
  const login = async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.end();
  };
  await login();
  await t.throwsAsync(login(), { code: '28000' });
});

test('observed: a setting in the startup packet passes, and is recorded', async (t) => {
  const options = '-c app.tenant=7';
  const shown = (client: pg.Client) => client.query("select current_setting('app.tenant') as tenant");
  t.is(
    await connected({ database: 'watched' }, async (client) => (await shown(client)).rows[0].tenant, options),
    '7',
  );
  await t.throwsAsync(connected({}, shown, options), { code: '42501' });
  await t.throwsAsync(connected({ database: 'watched' }, shown, '-c role=postgres'), { code: '42501' });
  const started = (await postern.events()).filter(
    (event) => event.type === 'session.start' && event.observed,
  );
  t.regex(JSON.stringify(started), /admin on setting app\.tenant/);
});

test('observed: the node says so where operators look', async (t) => {
  const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
  t.true(text.split('\n').includes('postern_observed{database="watched"} 1'));
  t.notRegex(text, /postern_observed\{database="postgres"\}/);
  const ready = await fetch(`http://127.0.0.1:${metrics}/readyz`);
  t.deepEqual(((await ready.json()) as { observed: unknown }).observed, ['watched']);
});
