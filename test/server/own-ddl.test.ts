/**
 * A session that changes what its own statements, or those of others, will do: at once afterwards, without waiting for
 * the answer, in the same transaction, before that has ended, gone before the answer, and from another worker process.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import pg from 'pg';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { type Postern, startPostern, type TestGrant } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { message, query, RawClient } from '../helpers/raw-client.ts';

const SCHEMA = `
  create schema hr;
  create table hr.salaries (amount int);
  insert into hr.salaries values (1);
  create table public.touched (at timestamptz);
  create function hr.empty() returns trigger language plpgsql as $$ begin delete from hr.salaries; return new; end $$;
  create function public.touch() returns trigger language plpgsql as
    $$ begin insert into public.touched values (now()); return new; end $$;
`;
/** Tables with a trigger that is disabled: what it does is out of scope; in scope. */
const TABLES = `
  create table public.%1$s (id int);
  create trigger t after insert on public.%1$s execute function hr.empty();
  create table public.%1$s_fine (id int);
  create trigger t after insert on public.%1$s_fine execute function public.touch();
  alter table public.%1$s disable trigger t;
  alter table public.%1$s_fine disable trigger t;
`;

let postgres: OwnPostgres;
let postern: Postern;
let grant: TestGrant;
let made = 0;

test.before(async () => {
  postgres = await startPostgres();
  await postgres.query(SCHEMA);
  postern = await startPostern({ postgres, child: true, config: { workers: 2, logLevel: 'silent' } });
  grant = await postern.grant({ allow: ['select,insert,alter:public.*'], limits: { connections: 100 } });
});
test.after.always(async () => {
  await postern?.stop();
  await postgres?.stop();
});

async function tables(): Promise<string> {
  const name = `asleep_${++made}`;
  await postgres.query(TABLES.replaceAll('%1$s', name));
  return name;
}

async function connect(): Promise<RawClient> {
  const client = await RawClient.connect(postern.port);
  await client.login(grant);
  return client;
}

const salaries = async (): Promise<unknown> =>
  (await postgres.query('select count(*)::int as count from hr.salaries'))[0]?.count;

/** SQLSTATEs of the errors that come until the server is ready so many times. */
async function errors(client: RawClient, readyTimes = 1): Promise<readonly string[]> {
  const found: string[] = [];
  for (let i = 0; i < readyTimes; i++)
    for (const { type, body } of await client.receiveUntil('Z'))
      if (type === 'E') found.push(/C(\w{5})\0/.exec(body.toString('latin1'))?.[1] ?? '');
  return found;
}

const text = (value: string): Buffer => Buffer.from(`${value}\0`);
const run = (sql: string): Buffer =>
  Buffer.concat([
    message('P', text(''), text(sql), Buffer.alloc(2)),
    message('B', text(''), text(''), Buffer.alloc(6)),
    message('E', text(''), Buffer.alloc(4)),
  ]);
const SYNC = message('S');

const ATTACKS: Readonly<Record<string, (name: string) => readonly [bytes: Buffer, readyTimes: number]>> = {
  'in the next text, without waiting for an answer': (name) => [
    Buffer.concat([query(enable(name)), query(insert(name))]),
    2,
  ],
  'in the same text': (name) => [query(`${enable(name)}; ${insert(name)}`), 1],
  'in the same transaction': (name) => [
    Buffer.concat([query('begin'), query(enable(name)), query(insert(name)), query('commit')]),
    4,
  ],
  'in the same pipeline': (name) => [Buffer.concat([run(enable(name)), run(insert(name)), SYNC]), 1],
  'behind a Sync': (name) => [Buffer.concat([run(enable(name)), SYNC, run(insert(name)), SYNC]), 2],
};
const enable = (name: string): string => `alter table public.${name} enable trigger t`;
const insert = (name: string): string => `insert into public.${name} values (1)`;

for (const [how, attack] of Object.entries(ATTACKS)) {
  test(`a trigger that the session enables and fires ${how}`, async (t) => {
    const name = await tables();
    const client = await connect();
    const [bytes, readyTimes] = attack(name);
    client.send(bytes);
    t.deepEqual(await errors(client, readyTimes), ['42501']);
    client.destroy();
    t.is(await salaries(), 1);
  });
}

test('once its change can be seen, the session is held to what it is', async (t) => {
  const name = await tables();
  const client = await connect();
  for (const sql of [enable(name), enable(`${name}_fine`)]) {
    client.send(query(sql));
    t.deepEqual(await errors(client), []);
  }
  client.send(query(insert(name)));
  t.deepEqual(await errors(client), ['42501']);
  const refused = async (): Promise<boolean> => {
    client.send(query(insert(`${name}_fine`)));
    return (await errors(client)).length > 0;
  };
  while (await refused()) await sleep(20); // on a slow machine the look takes longer than statements wait
  client.destroy();
  t.is(await salaries(), 1);
});

const looking = async (since = '-infinity'): Promise<number> => {
  const rows = await postgres.query(
    `select count(*)::int as count from pg_stat_activity
     where application_name = 'postern catalog' and query_start > '${since}'`,
  );
  return rows[0]?.count as number;
};

/** Some of each worker's: connections go to them in turn. */
async function connectToBoth(): Promise<readonly RawClient[]> {
  const clients = [await connect(), await connect()];
  while ((await looking()) < 2) clients.push(await connect());
  return clients;
}

test('a change that is not committed yet is waited for by all, in whatever worker', async (t) => {
  const name = await tables();
  const [changing, ...others] = await connectToBoth();
  const prepared = await connect();
  const parse = message('P', text('early'), text(insert(name)), Buffer.alloc(2));
  prepared.send(Buffer.concat([parse, SYNC]));
  t.deepEqual(await errors(prepared), []);
  for (const sql of ['begin', enable(name), enable(`${name}_fine`)]) {
    changing!.send(query(sql));
    t.deepEqual(await errors(changing!), []);
  }
  for (const other of others) other.send(query(insert(name)));
  const bind = message('B', text(''), text('early'), Buffer.alloc(6));
  prepared.send(Buffer.concat([bind, message('E', text(''), Buffer.alloc(4)), SYNC]));
  await sleep(200); // for them to come, if they could, to where they wait for the lock
  changing!.send(query('commit'));
  t.deepEqual(await errors(changing!), []);
  for (const other of [...others, prepared]) t.deepEqual(await errors(other), ['42501']);
  t.is(await salaries(), 1);
  for (const client of [changing!, prepared, ...others]) client.destroy();
});

test('what others change, and takes them long, is refused meanwhile, and all else is not', async (t) => {
  const name = await tables();
  const [changing, other] = [await connect(), await connect()];
  for (const sql of ['begin', enable(name)]) {
    changing.send(query(sql));
    t.deepEqual(await errors(changing), []);
  }
  other.send(query(insert('touched')));
  t.deepEqual(await errors(other), ['42804'], 'PostgreSQL’s own answer');
  other.send(query(insert(`${name}_fine`)));
  t.deepEqual(await errors(other), []);
  other.send(query(insert(name)));
  t.deepEqual(await errors(other), ['42501']);
  changing.destroy();
  other.destroy();
  t.is(await salaries(), 1);
});

test('a change by a client that has left without waiting for the answer', async (t) => {
  const name = await tables();
  const [leaving, staying] = [await connect(), await connect()];
  const locking = new pg.Client({ connectionString: postgres.url() });
  await locking.connect();
  await locking.query(`begin; lock table public.${name}`);
  leaving.send(query(enable(name)));
  const found = async (sql: string): Promise<boolean> => (await postgres.query(sql)).length > 0;
  const changing = `select from pg_stat_activity where wait_event_type = 'Lock' and query = '${enable(name)}'`;
  while (!(await found(changing))) await sleep(20);
  leaving.destroy();
  await locking.end();
  const asleep = `select from pg_trigger where tgenabled = 'D' and tgrelid = 'public.${name}'::regclass`;
  while (await found(asleep)) await sleep(20);
  staying.send(query(insert(name)));
  t.deepEqual(await errors(staying), ['42501']);
  t.is(await salaries(), 1);
  staying.destroy();
});

test('the other worker is told, and looks at once', async (t) => {
  const name = await tables();
  const clients = await connectToBoth();
  // Nobody uses the sessions from here on, which alone would have the catalog looked at.
  const [{ now } = {}] = await postgres.query('select now()::text as now');
  clients[0]!.send(query(enable(name)));
  t.deepEqual(await errors(clients[0]!), []);
  while ((await looking(String(now))) < 2) await sleep(20);
  t.is(await looking(String(now)), 2);
  for (const client of clients) client.destroy();
});
