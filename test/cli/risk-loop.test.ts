/** The learning loop, from an alarm at the proxy to a model that has learnt from the reviewer's verdict. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import pg from 'pg';
import { logOddsAt } from '../../classifier/alert-budget.ts';
import { openScorer, type Scorer, SHIPPED_MODEL } from '../../classifier/scorer.ts';
import { type Postern, startPostern, type TestGrant } from '../helpers/postern.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-risk-loop-'));
const challenger = join(folder, 'challenger');
let node: Postern;

test.before(async () => {
  node = await startPostern({ config: { risk: { timeout: '60s' } } });
  const client = new pg.Client(node.postgres.url());
  await client.connect();
  await client.query(readFileSync(new URL('../server/risk/shop.sql', import.meta.url), 'utf8'));
  await client.end();
});
test.after.always(async () => {
  await node?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function risk(
  ...args: readonly string[]
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn('bin/postern', ['risk', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, POSTERN_CONFIG: join(dirname(node.spool), 'postern.yaml') },
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [status, stdout, stderr] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  return { status, stdout, stderr };
}

async function run({ user, password, database }: TestGrant, ...sqls: readonly string[]): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port: node.port, user, password, database });
  await client.connect();
  for (const sql of sqls) await client.query(sql);
  await client.end();
}

/** A report whose writer leaves filters open, and somebody who reads other relations beside what an application asks for. */
const report = (column: string): string =>
  `select left(md5(${column}), 8), count(*) from customers where 'all' = 'all' or ${column} = '' group by 1`;
const theft = (column: string): string =>
  `select id, ${column} from customers where id = 1 union all select oid::int, rolname from pg_roles --`;

const isAlarm = (scorer: Scorer, sql: string): boolean =>
  scorer.textLogOdds(scorer.facts(sql)) >= logOddsAt(scorer.files.facts.operatingPoints.statements, 0.01);

test.serial('verdicts on alarms of real sessions make a challenger that has learnt from them', async (t) => {
  const grant = await node.grant({ allow: ['select:public.*'], limits: { connections: 100 } });
  await run(grant, 'select name, email from customers where id = 4711', 'select count(*) from orders');
  await run(grant, report('name'));
  await run(grant, theft('name'));
  const [harmless, attack] = await Promise.all([
    node.event('risk.flag', { sql: report('name') }),
    node.event('risk.flag', { sql: theft('name') }),
  ]);
  t.is((await risk('verdict', harmless.alarm, '--false')).status, 0);
  t.is((await risk('verdict', attack.alarm, '--true')).status, 0);
  const trained = await risk('train', '--trail', '--out', challenger, '--json');
  t.is(trained.status, 0, trained.stderr);
  t.is(JSON.parse(trained.stdout).figures.judged, 2);
  const [before, after] = await Promise.all([openScorer(SHIPPED_MODEL), openScorer(challenger)]);
  for (const sql of [report('name'), report('phone')]) {
    t.true(isAlarm(before, sql) && !isAlarm(after, sql), sql);
    t.true(after.score({ sql }).score < before.score({ sql }).score, sql);
  }
  for (const sql of [theft('name'), theft('email')]) t.true(isAlarm(before, sql) && isAlarm(after, sql), sql);
});

test.serial('it is compared with the champion, and takes its place on a running node', async (t) => {
  const compared = await risk('eval', '--model', challenger, '--against', 'builtin', '--json');
  t.is(compared.status, 0, compared.stdout);
  const comparison = JSON.parse(compared.stdout);
  t.like(comparison, { verdicts: { true: 1, false: 1 }, worse: [] });
  t.like(comparison.champion, { falseAlarms: 1, trueAlarms: 1 });
  t.like(comparison.challenger, { falseAlarms: 0, trueAlarms: 1 });
  const promoted = await risk('promote', challenger);
  t.is(promoted.status, 0, promoted.stderr);
  t.regex(promoted.stderr, /the challenger is at least as good/);
  const { id } = (await openScorer(challenger)).files;
  t.true(await comesToUse(id));
  const grant = await node.grant({ allow: ['select:public.*'] });
  await run(grant, report('email'));
  t.is(
    (await node.events()).filter((event) => event.type === 'risk.flag' && event.sql === report('email'))
      .length,
    0,
  );
});

test.serial('one that is not as good is refused, but for --force, and gives its place back', async (t) => {
  const worse = join(folder, 'worse');
  t.is((await risk('train', '--out', worse, '--trees', '1')).status, 0);
  const compared = await risk('eval', '--model', worse, '--against', challenger);
  t.is(compared.status, 1);
  t.regex(compared.stdout, /worse: /);
  const refused = await risk('promote', worse);
  t.is(refused.status, 1);
  t.regex(refused.stderr, /not as good as model [0-9a-f]{12}, which is in use/);
  t.is((await risk('promote', worse, '--force')).status, 0);
  t.true(await comesToUse((await openScorer(worse)).files.id));
  t.is((await risk('promote', '--back')).status, 0);
  t.true(await comesToUse((await openScorer(challenger)).files.id));
});

let asked = 0;

/** Alarms say by which model: raises one after the other until it is that one. */
async function comesToUse(model: string): Promise<boolean> {
  const grant = await node.grant({ allow: ['select:public.*'], limits: { connections: 1000 } });
  for (let attempt = 0; attempt < 200; attempt++) {
    const sql = `select id as a${asked++}, name from customers where id = 1 or 7=7 union select oid::int, rolpassword from pg_roles --`;
    await run(grant, sql);
    if ((await node.event('risk.flag', { sql })).model === model) return true;
    await sleep(200);
  }
  return false;
}
