/** `postern risk learn`, `verdict` and `labels`, run as people run them. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'ava';
import type { HabitSubject } from '../../access/habit-book.ts';
import type { AuditEvent } from '../../audit/events.ts';
import { readSpool } from '../../audit/reader.ts';
import { Spool } from '../../audit/spool.ts';
import { receiverOf } from '../../server/events/receiver.ts';
import { thingsIn } from '../../server/risk/statement-things.ts';
import { Fixture, SIGNING_KEY } from '../access/fixture.ts';

const directory = mkdtempSync(join(tmpdir(), 'postern-risk-'));
const config = join(directory, 'postern.yaml');
const spool = join(directory, 'audit');
const file = (name: string): string => join(directory, name);

const REF = { session: 's1', grant: 'g1234567', principal: 'alice', database: 'shop', client: '127.0.0.1:1' };
const TOWER = { url: 'https://tower.example/', secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}` };
const ODD = "select * from customers where name = 'x' or 1 = 1";

const statement = (session: string, sql: string): AuditEvent => ({
  ...REF,
  type: 'statement',
  session,
  statement: 1,
  via: 'query',
  decision: 'allow',
  sql,
  tags: ['SELECT'],
  needs: [{ action: 'select', resource: 'public.t' }],
  reasons: [],
  sqlstate: null,
});

const start = (session: string): AuditEvent => ({
  ...REF,
  type: 'session.start',
  session,
  application: 'dashboard',
  backendPid: 1,
  tls: false,
  protocol: '3.0',
});

const flag = (alarm: string, sql: string): AuditEvent => ({
  ...REF,
  type: 'risk.flag',
  session: 's2',
  alarm,
  statement: 1,
  action: 'flag',
  cause: 'statement',
  score: 0.9,
  sessionScore: 0.1,
  model: 'm',
  reasons: [],
  news: [],
  sql,
  application: 'psql',
  teams: ['support'],
  context: {},
});

let fixture: Fixture;
test.before(async () => {
  fixture = await Fixture.start();
  const databases = { shop: { url: 'postgresql://postern:hunter2@127.0.0.1/shop_upstream' } };
  const webhooks = [TOWER];
  writeFileSync(
    config,
    JSON.stringify({
      redis: fixture.redis.url,
      signingKey: SIGNING_KEY,
      databases,
      webhooks,
      audit: { spool },
    }),
  );
  const trail = Spool.open({ directory: spool, node: 'test', stream: 'w1', fsync: 'never' });
  for (const event of [
    start('s1'),
    statement('s1', 'select kept from the_trail'),
    start('s2'),
    statement('s2', 'select alarmed from the_trail'),
    flag('s2-1', ODD),
    flag('s2-2', 'select pg_sleep(5)'),
  ])
    trail.append(event);
  await trail.commit();
  await trail.close();
});
test.after.always(async () => {
  await fixture.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function postern(
  ...args: readonly string[]
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn('bin/postern', ['risk', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, POSTERN_CONFIG: config },
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [status, stdout, stderr] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  return { status, stdout, stderr };
}

async function knows(kind: HabitSubject['kind'], name: string, sql: string): Promise<boolean> {
  const { habits } = fixture.process();
  const [book] = await habits.open([{ kind, name, database: 'shop' }]);
  return book?.has(habits.markOf(thingsIn(sql, []).form)) === true;
}

const csvLine = (message: string, database = 'shop_upstream'): string => {
  const columns = Array.from({ length: 26 }, () => '');
  columns[0] = '2026-11-20 10:11:12.123 UTC';
  columns[2] = database;
  columns[13] = `"${message.replaceAll('"', '""')}"`;
  columns[22] = '"web"';
  return columns.join(',');
};

test('a csvlog teaches its database and applications, and the team that is named', async (t) => {
  const log = [
    csvLine('statement: select one,\n  "Two" from csvlog where id = 1'),
    csvLine('duration: 0.2 ms  execute <unnamed>: select prepared from csvlog where id = $1'),
    csvLine('statement: select elsewhere from csvlog', 'other'),
    csvLine('connection received: host=10.0.0.1'),
  ].join('\n');
  writeFileSync(file('log.csv'), log);
  const { status, stdout } = await postern(
    'learn',
    file('log.csv'),
    '--db',
    'shop',
    '--team',
    'support',
    '--json',
  );
  t.is(status, 0);
  t.deepEqual(JSON.parse(stdout), { taught: 2 });
  const sql = 'select one, "Two" from csvlog where id = 99';
  t.true(await knows('database', 'shop', sql));
  t.true(await knows('application', 'web', sql));
  t.true(await knows('team', 'support', 'select prepared from csvlog where id = 5'));
  t.false(await knows('principal', 'alice', sql));
  t.false(await knows('database', 'shop', 'select elsewhere from csvlog'));
});

test('a jsonlog and dumps of pg_stat_statements teach', async (t) => {
  const line = {
    timestamp: '2026-11-20 10:11:12.123 UTC',
    dbname: 'shop_upstream',
    message: 'statement: select a from jsonlog',
  };
  writeFileSync(
    file('log.json'),
    `${JSON.stringify(line)}\n${JSON.stringify({ message: 'checkpoint starting' })}\n`,
  );
  writeFileSync(file('statements.csv'), 'calls,query\n17,"select b from ""Dump"" where id = $1"\n');
  writeFileSync(
    file('statements.json'),
    JSON.stringify([{ query: 'select c from dump limit $1', calls: 4 }]),
  );
  const files = ['log.json', 'statements.csv', 'statements.json'].map(file);
  t.is((await postern('learn', ...files, '--db', 'shop')).status, 0);
  for (const sql of [
    'select a from jsonlog',
    'select b from "Dump" where id = 3',
    'select c from dump limit 10',
  ])
    t.true(await knows('database', 'shop', sql), sql);
});

test('our own trail teaches, but for sessions that raised an alarm', async (t) => {
  t.is((await postern('learn', '--trail')).status, 0);
  for (const [kind, name] of [
    ['principal', 'alice'],
    ['application', 'dashboard'],
    ['database', 'shop'],
  ] as const)
    t.true(await knows(kind, name, 'select kept from the_trail'), kind);
  t.false(await knows('principal', 'alice', 'select alarmed from the_trail'));
});

test('a file that is no log, and a database that is not there, are refused', async (t) => {
  writeFileSync(file('other.csv'), 'a,b\n1,2\n');
  t.is((await postern('learn', file('other.csv'), '--db', 'shop')).status, 2);
  t.is((await postern('learn', file('other.csv'), '--db', 'nowhere')).status, 2);
});

test('drift is told from the trail, or that there is too little of it', async (t) => {
  const few = await postern('drift');
  t.is(few.status, 0);
  t.regex(
    few.stdout,
    /^2 statements of 2 forms.*\n2 alarms.*\ncalibration of model m, .* judged are true; too few to tell more\ntoo few forms/,
  );
  const moved = file('moved');
  const trail = Spool.open({ directory: moved, node: 'test', stream: 'w1', fsync: 'never' });
  for (let i = 0; i < 1200; i++)
    trail.append(statement('s1', `select c${i} from t where c${i} > pg_sleep(${i}) or 1 = 1`));
  for (let i = 0; i < 60; i++) {
    trail.append({ ...flag(`a${i}-1`, ODD), session: `a${i}` } as AuditEvent);
    const verdict = i < 25 || i % 10 === 0 ? 'true' : 'false';
    trail.append({ type: 'risk.verdict', alarm: `a${i}-1`, verdict, by: 'bob', note: null });
  }
  await trail.commit();
  await trail.close();
  const other = file('moved.yaml');
  const text = JSON.parse(readFileSync(config, 'utf8')) as object;
  writeFileSync(other, JSON.stringify({ ...text, audit: { spool: moved } }));
  const { status, stdout } = await postern('drift', '--config', other, '--json');
  t.is(status, 1);
  const report = JSON.parse(stdout) as {
    forms: number;
    drifts: { state: string }[];
    calibration: { causes: object[] };
  };
  t.is(report.forms, 1200);
  t.is(report.drifts[0]?.state, 'act');
  t.like(report.calibration.causes[0], { judged: 60, true: 28, later: { sessions: 30, differs: true } });
});

test.serial(
  'a verdict is in the trail, a false alarm is usual from then on, both can be trained on',
  async (t) => {
    t.is((await postern('verdict', 's2-1')).status, 2);
    t.is((await postern('verdict', 'unknown', '--true')).status, 1);
    t.false(await knows('principal', 'alice', ODD));
    t.is((await postern('verdict', 's2-1', '--false', '--note', 'our own test')).status, 0);
    t.is((await postern('verdict', 's2-2', '--true')).status, 0);
    t.true(await knows('principal', 'alice', ODD));
    t.true(await knows('team', 'support', ODD));
    t.false(await knows('principal', 'alice', 'select pg_sleep(5)'));
    const verdicts: AuditEvent[] = [];
    for await (const event of readSpool(spool, { types: ['risk.verdict'] })) verdicts.push(event);
    t.like(verdicts[0], { alarm: 's2-1', verdict: 'false', note: 'our own test' });
    const { stdout } = await postern('labels', '--out', file('labels'), '--json');
    t.deepEqual(JSON.parse(stdout), { alarms: 2, true: 1 });
    const judged = await fixture.process().verdicts.read('m');
    t.deepEqual(
      judged.map(({ alarm, score, bad }) => ({ alarm, score, bad })).sort((a, b) => +a.bad - +b.bad),
      [
        { alarm: 's2-1', score: 0.9, bad: false },
        { alarm: 's2-2', score: 0.9, bad: true },
      ],
    );
    t.is(
      await fixture.process().events.waiting(receiverOf(TOWER)),
      2,
      'who wants to know of verdicts is told',
    );
    t.is(JSON.parse(readFileSync(join(file('labels'), 'benign.jsonl'), 'utf8')).sql, ODD);
    t.is(JSON.parse(readFileSync(join(file('labels'), 'malicious.jsonl'), 'utf8')).sql, 'select pg_sleep(5)');
  },
);
