/** A Parse message gives its parameters types, and Bind makes their values: the check of a domain runs, named nowhere. */
import test from 'ava';
import { startPostern } from '../helpers/postern.ts';
import { errorText, message, RawClient } from '../helpers/raw-client.ts';
import { encodeLine } from '../traces/frontend-text.ts';
import { parseLine } from '../traces/words.ts';

const postern = await startPostern();
await postern.postgres.query(`
  create schema hidden;
  create table hidden.log (id serial);
  create function hidden.logs() returns boolean language plpgsql as
    'begin insert into hidden.log default values; return true; end';
  create domain hidden.logged as int check (hidden.logs());
  create type public.mood as enum ('ok');
  create domain public.positive as int check (value > 0);
  create type public.pair as (one public.positive, other text);
  create type public.logged_pair as (one hidden.logged);
`);
test.after.always(() => postern.stop());

async function oid(type: string): Promise<number> {
  const [row] = await postern.postgres.query(`select '${type}'::regtype::int8 as oid`);
  return Number(row?.oid);
}

async function logged(): Promise<number> {
  const [row] = await postern.postgres.query('select count(*) from hidden.log');
  return Number(row?.count);
}

/** Parse with the type for $1, Bind with the value; resolves with the error, if there is one. */
async function bound(allow: readonly string[], type: string, value: string): Promise<string | null> {
  const client = await RawClient.connect(postern.port);
  await client.login(await postern.grant({ allow }));
  const parse = Buffer.alloc(6);
  parse.writeUInt16BE(1, 0);
  parse.writeUInt32BE(await oid(type), 2);
  const lines = [`Bind "" "" ${value}`, 'Execute ""', 'Sync'];
  client.send(message('P', Buffer.from('\0select 1\0'), parse));
  client.send(...lines.map((line) => encodeLine(parseLine(line))));
  const answers = await client.receiveUntil('Z');
  client.destroy();
  const error = answers.find((answer) => answer.type === 'E');
  return error === undefined ? null : errorText(error);
}

const READS = ['select:public.*'];

test.serial('the check of a domain that only Parse names is followed', async (t) => {
  for (const [type, value] of [
    ['hidden.logged', '5'],
    ['hidden.logged[]', '"{5}"'],
    ['public.logged_pair', '"(5)"'],
  ] as const) {
    const before = await logged();
    t.is(await bound([...READS, 'insert:hidden.log'], type, value), null);
    t.is(await logged(), before + 1, 'it really runs');
    t.regex((await bound(READS, type, value))!, /permission denied by grant: insert on hidden.log/);
    t.is(await logged(), before + 1);
  }
});

test.serial('types that run nothing pass', async (t) => {
  for (const [type, value] of [
    ['public.mood', 'ok'],
    ['public.positive', '5'],
    ['public.pair', '"(5,a)"'],
    ['text', 'a'],
  ] as const)
    t.is(await bound(READS, type, value), null, type);
});
