/**
 * What a session is, turned against the guardrails: values that come with Bind, search_path and its ways back, names of
 * prepared statements and cursors, settings that someone else changes. The service role is a superuser, so that
 * whatever passes happens; `orders` of two schemas tell by their rows which of them was read.
 */
import test from 'ava';
import pg from 'pg';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { type GrantWish, type Postern, startPostern } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { message, query, RawClient } from '../helpers/raw-client.ts';

const OPEN = ['select:public.*', 'update:public.tickets_seq', 'create:pg_temp.*'];

let postgres: OwnPostgres;
let postern: Postern;

test.before(async () => {
  postgres = await startPostgres();
  await postgres.query(`
    create table public.orders (what text);
    insert into public.orders values ('open');
    create table public.notes (what text);
    insert into public.notes values ('open');
    create schema app;
    create table app.orders (what text);
    insert into app.orders values ('secret');
    create sequence public.tickets_seq;
    create table public.kept (n int);
    create sequence app.orders_seq;
    create role boss superuser;
  `);
  postern = await startPostern({ postgres });
});
test.after.always(async () => {
  await postern?.stop();
  await postgres?.stop();
});

async function connected<T>(
  use: (client: pg.Client) => Promise<T>,
  wish: Partial<GrantWish> = {},
  options = '',
): Promise<T> {
  const { url } = await postern.grant({ allow: OPEN, ...wish });
  const client = new pg.Client({ connectionString: url, options });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** The SQLSTATE, or `done`. */
const outcome = (client: pg.Client, text: string, values?: unknown[]): Promise<string> =>
  client.query({ text, values: values as string[] }).then(
    () => 'done',
    (error: pg.DatabaseError) => error.code ?? error.message,
  );

const REFUSED = '42501';

test('set_config with the name of the setting in Bind', async (t) => {
  await connected(async (client) => {
    const text = 'select set_config($1, $2, false)';
    t.is(await outcome(client, text, ['role', 'boss']), REFUSED);
    t.is(await outcome(client, text, ['standard_conforming_strings', 'off']), REFUSED);
    t.is(await outcome(client, text, [null, 'boss']), REFUSED);
    t.is(await outcome(client, text, ['statement_timeout', '7s']), 'done');
    const { rows } = await client.query(
      "select current_user as who, current_setting('statement_timeout') as timeout",
    );
    t.deepEqual(rows, [{ who: 'postgres', timeout: '7s' }]);
  });
});

test('one prepared statement, each execution with its own values', async (t) => {
  await connected(async (client) => {
    const set = (...values: string[]) =>
      client.query({ name: 's', text: 'select set_config($1, $2, false)', values }).then(
        () => 'done',
        (error: pg.DatabaseError) => error.code,
      );
    t.is(await set('work_mem', '1MB'), 'done');
    t.is(await set('role', 'boss'), REFUSED);
    t.is(await set('work_mem', '2MB'), 'done');
    t.is(await outcome(client, "execute s('role', 'boss')"), REFUSED, 'values that nobody has examined');
    t.is(await outcome(client, 'explain analyze execute s($$role$$, $$boss$$)'), REFUSED);
    t.is((await client.query('select current_user as who')).rows[0].who, 'postgres');
  });
});

test('a sequence in Bind', async (t) => {
  await connected(async (client) => {
    t.is(await outcome(client, 'select nextval($1)', ['tickets_seq']), 'done');
    t.is(await outcome(client, 'select nextval($1::regclass)', ['public.tickets_seq']), 'done');
    t.is(await outcome(client, 'select setval($1, $2)', ['tickets_seq', '40']), 'done');
    t.is(await outcome(client, 'select nextval($1)', ['app.orders_seq']), REFUSED);
    const { rows } = await client.query("select 'app.orders_seq'::regclass::oid::text as oid");
    t.is(await outcome(client, 'select nextval($1)', [rows[0].oid]), REFUSED, 'an OID is a name too');
    t.is(
      await outcome(client, 'declare c cursor with hold for select nextval($1)', ['app.orders_seq']),
      REFUSED,
    );
    t.is(await outcome(client, 'create temp table x as select nextval($1)', ['app.orders_seq']), REFUSED);
    t.is(await outcome(client, 'explain analyze select nextval($1)', ['app.orders_seq']), REFUSED);
  });
  t.deepEqual(await postgres.query('select is_called from app.orders_seq'), [{ is_called: false }]);
});

test('the type of a parameter, given by Parse or by another use of it, does not respell what was examined', async (t) => {
  await postgres.query('create role r superuser');
  await connected(
    async (client) => {
      t.is(await outcome(client, 'select $1::"char", set_config($1, $2, false)', ['role', 'boss']), REFUSED);
      t.is(await outcome(client, "select set_config('role', $1, false)", ['none']), REFUSED);
      t.is(await outcome(client, 'prepare p("char") as select set_config($1, $1, false)'), REFUSED);
      t.is((await client.query('select current_user as who')).rows[0].who, 'postgres');
    },
    { allow: ['*:*'], deny: ['select:app.orders'] },
  );
});

/** Each leaves `orders` to mean app.orders in some of the ways that there are; then it is read. */
const PATHS: readonly (readonly string[])[] = [
  ['set search_path to app'],
  ['set session search_path = app, public'],
  ["set search_path to 'app'"],
  ['begin', 'set local search_path to app'],
  ['begin', 'set search_path to app', 'savepoint s', 'set search_path to public', 'rollback to s'],
  ['set search_path to app', 'begin', 'set search_path to public', 'rollback'],
  ['set search_path to app', 'begin', 'set search_path to public', 'select 1/0', 'commit'],
  ['set search_path to app', 'begin', 'set local search_path to public', 'commit'],
  ['set search_path to app', 'begin; set search_path to public; select 1/0; commit', 'rollback'],
  ['set search_path to app', 'set search_path to public; select 1/0'],
  ["select set_config('search_path', 'app', false)"],
  ["select pg_catalog.set_config('SEARCH_PATH', 'a' || 'pp', false)"],
  ['set search_path to app', 'discard plans', 'discard temp'],
  ['create temp table orders (what text)', 'set search_path to app, pg_temp', 'drop table pg_temp.orders'],
  [
    'begin',
    'create temp table orders (what text)',
    'set search_path = pg_temp, app',
    'rollback',
    'set search_path = pg_temp, app',
  ],
  ["prepare p as select set_config('search_path', 'app', false)", 'execute p'],
];
for (const steps of PATHS) {
  test(`search_path: ${steps.join('; ')}`, async (t) => {
    await connected(
      async (client) => {
        for (const step of steps) await outcome(client, step);
        for (const sql of [
          'select what from orders',
          'select count(*) from orders',
          'prepare q as table orders',
        ])
          t.is(await outcome(client, sql), REFUSED, sql);
      },
      { allow: [...OPEN, 'drop:pg_temp.*'] },
    );
  });
}

test('search_path, back again: RESET, RESET ALL, DISCARD ALL and a rollback cost nothing that was allowed', async (t) => {
  for (const back of ['reset search_path', 'reset all', 'discard all', 'set search_path to default'])
    await connected(async (client) => {
      t.is(await outcome(client, 'set search_path to public'), 'done');
      t.is(await outcome(client, back), 'done');
      t.is((await client.query('select what from orders')).rows[0].what, 'open', back);
    });
});

test('search_path with its value in Bind is known exactly', async (t) => {
  await connected(async (client) => {
    const text = "select set_config('search_path', $1, false)";
    t.is(await outcome(client, text, ['public, pg_temp']), 'done');
    t.is(await outcome(client, 'select what from orders'), 'done');
    t.is(await outcome(client, text, ['app']), 'done');
    t.is(await outcome(client, 'select what from orders'), REFUSED);
  });
});

test('search_path in the startup packet, by options too, and what RESET leads back to', async (t) => {
  for (const options of ['-c search_path=app', '--search-path=app,public', '-csearch_path=app'])
    await connected(
      async (client) => {
        t.is(await outcome(client, 'select what from orders'), REFUSED, options);
        await outcome(client, 'set search_path to public');
        await outcome(client, 'reset all');
        t.is(await outcome(client, 'select what from orders'), REFUSED, options);
      },
      {},
      options,
    );
});

test('a cursor and a prepared statement keep what they were made of', async (t) => {
  await connected(async (client) => {
    await client.query('begin');
    await client.query('declare c cursor for select what from orders');
    await client.query('prepare p as select what from orders');
    await client.query('set local search_path to app');
    t.is((await client.query('fetch c')).rows[0].what, 'open');
    t.is(
      await outcome(client, 'execute p'),
      REFUSED,
      'it would be planned again, with what the name means now',
    );
  });
});

test('a statement of SQL PREPARE, bound by the protocol, is what it was prepared as', async (t) => {
  const raw = await RawClient.connect(postern.port);
  await raw.login(await postern.grant({ allow: OPEN, limits: { rowsPerStatement: 3 } }));
  const run = async (...messages: readonly Buffer[]): Promise<string> => {
    raw.send(...messages);
    const seen = await raw.receiveUntil('Z');
    return seen.map(({ type }) => type).join('');
  };
  t.is(await run(query('prepare p as select g from generate_series(1, 9) g')), 'CZ');
  t.is(await run(bind('p'), EXECUTE, SYNC), '2DDDEZ', 'with its budget');
  t.is(await run(query('prepare q as select what from orders')), 'CZ');
  t.is(await run(bind('q'), EXECUTE, SYNC), '2DCZ');
  t.is(await run(query('set search_path to app')), 'CSZ'.replace('S', await reportsPath()));
  t.regex(await run(bind('q'), EXECUTE, SYNC), /^2?EZ$/, 'as its name is understood now');
  raw.destroy();
});

test('a name that one text prepares, deallocates and prepares again means the last', async (t) => {
  for (const again of ['deallocate p', 'deallocate all', 'discard all'])
    await connected(async (client) => {
      const texts = ['prepare p as select 1', again, 'prepare p as select what from orders'];
      if (again === 'discard all') for (const text of texts) await client.query(text);
      else await client.query(texts.join('; '));
      t.is((await client.query('execute p')).rows[0].what, 'open');
      await client.query('set search_path to app');
      t.is(await outcome(client, 'execute p'), REFUSED, again);
    });
});

test('a write of SQL PREPARE that is cut by its budget leaves nothing', async (t) => {
  const raw = await RawClient.connect(postern.port);
  const allow = ['select,insert:public.kept'];
  await raw.login(await postern.grant({ allow, limits: { rowsPerStatement: 2 } }));
  raw.send(query('prepare w as insert into public.kept select generate_series(1, 5) returning n'));
  await raw.receiveUntil('Z');
  for (const followed of [[SYNC], [bind('w'), SYNC], [message('P', Buffer.from('\0select 1\0\0\0')), SYNC]]) {
    raw.send(bind('w'), EXECUTE, ...followed);
    const seen = await raw.receiveUntil('Z');
    t.true(seen.some(({ type }) => type === 'E'));
    t.deepEqual(await postgres.query('select * from public.kept'), []);
  }
  raw.destroy();
});

/** PostgreSQL reports search_path from version 18 on. */
const reportsPath = async (): Promise<string> => {
  const [row] = await postgres.query(
    "select current_setting('server_version_num')::int >= 180000 as reports",
  );
  return row?.reports === true ? 'S' : '';
};

const bind = (statement: string): Buffer => message('B', Buffer.from(`\0${statement}\0\0\0\0\0\0\0`));
const EXECUTE = message('E', Buffer.from('\0\0\0\0\0'));
const SYNC = message('S');
