/**
 * Nesting bombs and other monsters, through the running proxy, by the simple and the extended protocol: each gets an
 * error or PostgreSQL's own answer, the session goes on, and so does everybody else's.
 */
import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { type Postern, startPostern, type TestGrant } from '../helpers/postern.ts';
import { errorText, message, query, RawClient } from '../helpers/raw-client.ts';
import { BOMBS } from './bombs.ts';

/** ms; busy machines take their time. */
const PATIENT = 240_000;
/** All of them by both protocols. */
const LONG = process.env.ORACLE_RUNS !== undefined;
/** The process's memory at its highest: 200 MB of its own, one parser at its limits, texts, and as much again to be safe. */
const MOST_MEMORY_MB = 2_500;

/** PostgreSQL itself takes most of a minute for them. */
const SLOW: ReadonlySet<string> = new Set([
  'five thousand joins',
  'a hundred thousand ORs',
  'nested comments',
]);

let postern: Postern;
let grant: TestGrant;

test.before(async () => {
  postern = await startPostern({ child: true });
  await postern.postgres.query('create table t (id integer)');
  grant = await postern.grant({ allow: ['select:public.*'], limits: { connections: 20 } });
});

test.after.always(() => postern?.stop());

async function client(): Promise<RawClient> {
  const raw = await RawClient.connect(postern.port);
  await raw.login(grant);
  return raw;
}

const parse = (sql: string | Buffer): Buffer =>
  message('P', Buffer.from('\0'), Buffer.from(sql), Buffer.from('\0\0\0'));
const BIND = message('B', Buffer.from([0, 0, 0, 0, 0, 0, 0, 0]));
const EXECUTE = message('E', Buffer.from([0, 0, 0, 0, 0]));
const SYNC = message('S');

/** The SQLSTATE of the first error up to ReadyForQuery, or null. */
async function outcome(raw: RawClient): Promise<string | null> {
  const seen = await raw.receiveUntil('Z', PATIENT);
  const error = seen.find(({ type }) => type === 'E');
  return error === undefined ? null : errorText(error).slice(0, 5);
}

async function lives(t: ExecutionContext, raw: RawClient, name: string): Promise<void> {
  raw.send(query('select 1 from t limit 1'));
  t.is(await outcome(raw), null, `after ${name}`);
}

/** PostgreSQL's own refusals of such statements, and ours. Never an internal error, never a lost connection. */
const REFUSALS: ReadonlySet<string | null> = new Set([
  null,
  ...[
    '42601',
    '54001',
    '54000',
    '54011',
    '54023',
    '53200',
    '53400',
    '42501',
    '42P01',
    '42P02',
    '42703',
    '42622',
  ],
  ...['0A000', '22P02', '42804', '42846', '08P01', '22003', '42883'],
]);

const WAYS: readonly ((sql: string) => readonly Buffer[])[] = [
  (sql) => [query(sql)],
  (sql) => [parse(sql), BIND, EXECUTE, SYNC],
];

test.serial('monsters leave the sessions as they were', async (t) => {
  t.timeout(PATIENT * 2);
  const [monster, other] = await Promise.all([client(), client()]);
  const bombs = Object.entries(BOMBS).filter(([name]) => LONG || !SLOW.has(name));
  for (const [index, [name, sql]] of bombs.entries())
    for (const bytes of LONG ? WAYS : WAYS.slice(index % 2).slice(0, 1)) {
      monster.send(...bytes(sql));
      await lives(t, other, name);
      const sqlstate = await outcome(monster);
      t.true(REFUSALS.has(sqlstate), `${name}: ${sqlstate}`);
      await lives(t, monster, name);
    }
  monster.destroy();
  other.destroy();
});

test.serial('bytes that are no text are refused', async (t) => {
  const raw = await client();
  const texts = [
    [0xff, 0xfe],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0x27, 0xc3, 0x27],
  ];
  for (const text of texts) {
    const sql = Buffer.concat([Buffer.from("select '"), Buffer.from(text), Buffer.from("'")]);
    raw.send(message('Q', sql, Buffer.from([0])));
    t.is(await outcome(raw), '22021');
    raw.send(parse(sql), SYNC);
    t.is(await outcome(raw), '22021');
  }
  await lives(t, raw, 'bytes');
  raw.destroy();
});

test.serial('statements of many megabytes at once are refused, and others are not', async (t) => {
  t.timeout(PATIENT * 2);
  const clients = await Promise.all(Array.from({ length: LONG ? 8 : 2 }, client));
  const other = await client();
  const sql = query(`select 1 in (${'1,'.repeat(LONG ? 7_000_000 : 3_500_000)}1)`);
  for (const raw of clients) raw.send(sql);
  await lives(t, other, 'many megabytes');
  for (const raw of clients) t.true(['54001', '53400'].includes((await outcome(raw)) ?? ''));
  for (const raw of clients) await lives(t, raw, 'many megabytes');
  for (const raw of [...clients, other]) raw.destroy();
});

if (process.platform === 'linux') {
  test.serial('the process has stayed within its memory', (t) => {
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${postern.pid}/status`, 'utf8'))?.[1];
    t.log(`${Math.round(Number(peak) / 1024)} MB at most`);
    t.true(Number(peak) < MOST_MEMORY_MB * 1024);
  });
}
