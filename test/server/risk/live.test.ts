import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import pg from 'pg';
import { writeModelFiles } from '../../../classifier/model-files.ts';
import { openScorer, SHIPPED_MODEL } from '../../../classifier/scorer.ts';
import type { OwnPostgres } from '../../../server/embedded/postgres.ts';
import type { OwnRedis } from '../../../server/embedded/redis.ts';
import { type Postern, startPostern, type TestGrant } from '../../helpers/postern.ts';
import { startPostgres } from '../../helpers/postgres.ts';
import { startRedis } from '../../helpers/redis.ts';

/** Everything here shares a PostgreSQL and a Redis; each test has a database name of its own, and so habits of its own. */
const test = anyTest as TestFn<{ postgres: OwnPostgres; redis: OwnRedis }>;

/** A busy machine is no reason for a statement to go unscored. */
const PATIENT = '60s';

test.before(async (t) => {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  Object.assign(t.context, { postgres, redis });
  const client = new pg.Client(postgres.url());
  await client.connect();
  await client.query(readFileSync(new URL('./shop.sql', import.meta.url), 'utf8'));
  await client.end();
});

test.after.always(async ({ context: { postgres, redis } }) => {
  await Promise.all([postgres?.stop(), redis?.stop()]);
});

interface NodeOptions {
  readonly signingKey?: string;
  readonly redis?: OwnRedis;
  /** Where faults are made on purpose: `silent`. */
  readonly logLevel?: 'silent' | 'error';
}

async function nodeWith(
  t: ExecutionContext<{ postgres: OwnPostgres; redis: OwnRedis }>,
  database: string,
  risk: Readonly<Record<string, unknown>>,
  { logLevel = 'error', ...options }: NodeOptions = {},
): Promise<Postern> {
  const { postgres, redis } = t.context;
  const node = await startPostern({
    postgres,
    redis,
    databases: { [database]: postgres.url() },
    config: {
      logLevel,
      metrics: { listen: '127.0.0.1:0' },
      limits: { startupTimeout: PATIENT },
      risk: { timeout: PATIENT, ...risk },
    },
    ...options,
  });
  t.teardown(() => node.stop());
  return node;
}

async function connect(
  t: ExecutionContext,
  node: Postern,
  { user, password, database }: TestGrant,
  application = 'psql',
): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: node.port,
    user,
    password,
    database,
    application_name: application,
  });
  client.on('error', () => {});
  await client.connect();
  t.teardown(() => client.end());
  return client;
}

async function metric(node: Postern, line: string): Promise<number> {
  const all = await (await fetch(`http://127.0.0.1:${node.metricsPort}/metrics`)).text();
  return Number(
    all
      .split('\n')
      .find((each) => each.startsWith(`${line} `))
      ?.slice(line.length + 1) ?? 0,
  );
}

const runs = (node: Postern): Promise<number> => metric(node, 'postern_risk_seconds_count');

async function readiness(
  node: Postern,
): Promise<{ code: number; status: string; checks: Record<string, boolean> }> {
  const response = await fetch(`http://127.0.0.1:${node.metricsPort}/readyz`);
  return {
    code: response.status,
    ...((await response.json()) as { status: string; checks: Record<string, boolean> }),
  };
}

const READ = { allow: ['select:public.*'] };
const CUSTOMER = 'select name, email from customers where id = $1';

/** What somebody with a stolen token does: look around, then take what there is. Returns what stopped it. */
async function plunder(client: pg.Client): Promise<pg.DatabaseError | null> {
  const look = [
    'select current_user, session_user, version()',
    'select rolname, rolsuper from pg_roles',
    'select datname from pg_database',
    'select schemaname, tablename from pg_tables',
    "select table_name, column_name from information_schema.columns where column_name ~ '(mail|phone|birth)'",
    'select relname, reltuples from pg_class order by reltuples desc',
  ];
  const pages = Array.from(
    { length: 20 },
    (_, page) => `select * from customers order by id limit 1000 offset ${page * 1000}`,
  );
  for (const sql of [...look, ...pages]) {
    const fault = await client.query(sql).then(
      () => null,
      (error: pg.DatabaseError) => error,
    );
    if (fault !== null) return fault;
  }
  return null;
}

test('a catalog sweep and paging of customers are flagged, and go on where nothing more is asked for', async (t) => {
  const node = await nodeWith(t, 'flagged', {});
  const grant = await node.grant(READ);
  const client = await connect(t, node, grant);
  t.is(await plunder(client), null);
  const flag = await node.event('risk.flag', { grant: grant.id });
  t.is(flag.action, 'flag');
  t.true((flag.score ?? flag.sessionScore ?? 0) > 0);
  t.true(flag.reasons.length > 0);
  t.true(flag.news.some((news) => news.includes('new to tester')));
  t.true((await metric(node, 'postern_risk_alarms_total{action="flag"}')) >= 1);
  t.is(await metric(node, 'postern_risk_unseen_share'), 1, 'nobody here has done anything before');
  t.true((await metric(node, 'postern_risk_alarm_share')) > 0);
  const events = await node.events();
  const statement = events.find(
    (event) =>
      event.type === 'statement' && event.session === flag.session && event.statement === flag.statement,
  );
  t.is(statement?.type === 'statement' && statement.sql, flag.sql);
});

test('with a threshold for it, the session ends on all nodes, its client is told why, the grant is gone', async (t) => {
  const risk = { thresholds: { flag: 'auto', end: 'auto' } };
  const signingKey = 'the same on both nodes of this test....';
  const [one, two] = await Promise.all([
    nodeWith(t, 'ended', risk, { signingKey }),
    nodeWith(t, 'ended', risk, { signingKey }),
  ]);
  const grant = await one.grant(READ);
  const thief = await connect(t, one, grant);
  const other = await connect(t, two, grant);
  const gone = new Promise<void>((resolve) => other.once('end', resolve));
  const fault = await plunder(thief);
  t.is(fault?.severity, 'FATAL');
  t.is(fault?.code, '57P01');
  t.regex(fault?.message ?? '', /unusual and has a risk of [01]\.\d\d; grant \w+ is revoked/);
  t.truthy(fault?.detail);
  await gone;
  await t.throwsAsync(connect(t, two, grant), { message: /revoked/ });
  const flag = await one.event('risk.flag', { grant: grant.id, action: 'end' });
  t.true(flag.reasons.length > 0 && (flag.sessionScore ?? 0) > 0);
  t.is((await one.event('session.end', { session: flag.session })).reason, 'risk');
  t.is((await one.event('grant.revoke', { grant: grant.id })).by, 'the risk model');
  t.is((await two.event('session.end', { grant: grant.id })).reason, 'revoked');
});

/** Somebody who is told of alarms. */
async function receiver(t: ExecutionContext): Promise<{ url: string; bodies: string[] }> {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    bodies.push(await text(request));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, bodies };
}

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;

for (const sql of [false, true])
  test(`the webhook is told of alarms, ${sql ? 'with' : 'without'} the statement`, async (t) => {
    const { url, bodies } = await receiver(t);
    const webhook = { url, secret: SECRET, sql };
    const node = await nodeWith(t, `told-${sql}`, { thresholds: { flag: 0, hold: 0 }, webhook });
    const grant = await node.grant(READ);
    const client = await connect(t, node, grant);
    await t.throwsAsync(client.query("select 'a secret', dblink('password=hunter2')"));
    await t.throwsAsync(client.query("select name from customers where email = 'ann@example.org'"));
    const flag = await node.event('risk.flag', { grant: grant.id });
    await until(() => metric(node, 'postern_risk_webhook_total{outcome="delivered"}'), 1);
    const { type, data } = JSON.parse(bodies[0] ?? '') as { type: string; data: Record<string, unknown> };
    t.is(type, 'risk.alarm');
    t.like(data, {
      alarm: flag.alarm,
      action: 'hold',
      score: flag.score,
      grant: grant.id,
      principal: 'tester',
      database: `told-${sql}`,
      session: flag.session,
    });
    t.deepEqual(data.reasons, flag.reasons);
    t.is(data.sql, sql ? flag.sql : undefined);
    t.is(/ann@example/.test(bodies.join('')), sql);
    t.notRegex(bodies.join(''), /hunter2/);
  });

async function until(value: () => Promise<number>, least: number): Promise<void> {
  for (let attempt = 0; attempt < 200 && (await value()) < least; attempt++) await sleep(50);
}

test('what is held is refused with the reason, the session goes on, and nothing of it reaches the database', async (t) => {
  const node = await nodeWith(t, 'held', { thresholds: { flag: 0, hold: 0 } });
  const client = await connect(t, node, await node.grant(READ));
  for (let time = 0; time < 2; time++) {
    const fault = await t.throwsAsync<pg.DatabaseError>(client.query('select 1'));
    t.is(fault?.code, '42501');
    t.regex(fault?.message ?? '', /held for a reviewer/);
  }
  t.is(await runs(node), 1, 'the second time it is known');
  t.is((await node.event('statement', { decision: 'deny' })).sqlstate, '42501');
});

test('a database that is observed is flagged only', async (t) => {
  const { postgres } = t.context;
  const node = await startPostern({
    ...t.context,
    databases: { observed: postgres.url() },
    config: {
      mode: 'observe',
      risk: { timeout: PATIENT, thresholds: { flag: 0, hold: 0, end: 0 } },
    },
  });
  t.teardown(() => node.stop());
  const client = await connect(t, node, await node.grant(READ));
  await client.query('select 1');
  await client.query('select 2 + 3');
  t.is((await node.event('risk.flag', {})).action, 'flag');
});

test("a dashboard's thousandth identical query runs no model, and neither does its next session", async (t) => {
  const node = await nodeWith(t, 'steady', {});
  const grant = await node.grant({ ...READ, limits: { connections: 100 } });
  const work = async (client: pg.Client, times: number): Promise<void> => {
    for (let time = 0; time < times; time++) {
      await client.query("select state, count(*) from orders where state = 'open' group by state");
      await client.query({ name: 'customer', text: CUSTOMER, values: [time] });
    }
  };
  const first = await connect(t, node, grant, 'dashboard');
  await work(first, 1);
  const learned = await runs(node);
  t.is(learned, 2);
  await work(first, 1000);
  t.is(await runs(node), learned);
  await first.end();
  await node.event('session.end', { grant: grant.id });
  await untilUsual(node, async () => {
    const next = await connect(t, node, grant, 'dashboard');
    await work(next, 10);
    await next.query("select state, count(*) from orders where state = 'closed' group by state");
    await next.end();
  });
  t.pass();
});

/** What was learned is on its way for a moment. */
async function untilUsual(node: Postern, work: () => Promise<void>): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const before = await runs(node);
    await work();
    if ((await runs(node)) === before) return;
    await sleep(100);
  }
  throw new Error('it does not become usual');
}

test('two nodes share habits', async (t) => {
  const signingKey = 'the same on both nodes of this test....';
  const one = await nodeWith(t, 'shared', {}, { signingKey });
  const grant = await one.grant(READ);
  const teacher = await connect(t, one, grant);
  await teacher.query(CUSTOMER, [1]);
  await teacher.end();
  await one.event('session.end', { grant: grant.id });
  const two = await nodeWith(t, 'shared', {}, { signingKey });
  await untilUsual(two, async () => {
    const client = await connect(t, two, grant);
    await client.query(CUSTOMER, [2]);
    await client.end();
  });
  t.pass();
});

test('a session that raised an alarm teaches nothing', async (t) => {
  const node = await nodeWith(t, 'distrusted', { thresholds: { flag: 0 } });
  const grant = await node.grant(READ);
  for (const round of [1, 2]) {
    const client = await connect(t, node, grant);
    await client.query(CUSTOMER, [round]);
    await client.end();
    t.is(await runs(node), round);
  }
});

function damagedModel(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-model-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  cpSync(SHIPPED_MODEL, folder, { recursive: true });
  truncateSync(join(folder, 'statement.onnx'), 1000);
  return folder;
}

test('a damaged model: what is unusual is flagged, and all can see that', async (t) => {
  const node = await nodeWith(t, 'damaged-allow', { model: damagedModel(t) }, { logLevel: 'silent' });
  const client = await connect(t, node, await node.grant(READ));
  await client.query('select 1');
  const flag = await node.event('risk.flag', {});
  t.is(flag.cause, 'broken');
  t.is(flag.score, null);
  t.is(await metric(node, 'postern_risk_unscored_total{cause="broken"}'), 1);
  t.is(await metric(node, 'postern_risk_model_ready'), 0);
  t.like(await readiness(node), { code: 200, status: 'degraded', checks: { risk: false } });
});

test('a damaged model, and `onFailure: hold`: what is unusual is refused', async (t) => {
  const node = await nodeWith(
    t,
    'damaged-hold',
    { model: damagedModel(t), onFailure: 'hold' },
    { logLevel: 'silent' },
  );
  const client = await connect(t, node, await node.grant(READ));
  const fault = await t.throwsAsync<pg.DatabaseError>(client.query('select 1'));
  t.is(fault?.code, '42501');
  t.regex(`${fault?.message} ${fault?.detail}`, /could not be scored.*model can not be loaded/);
  t.like(await readiness(node), { code: 503, status: 'not ready' });
});

/** A sound file, but for a tree whose first branch leads back to itself: whatever is asked, it never answers. */
async function hangingModel(t: ExecutionContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-model-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const { statement, session, facts } = (await openScorer()).files;
  const { trees } = statement;
  const [threshold, left] = [trees.threshold.slice(), trees.left.slice()];
  const root = trees.roots.find((root) => (trees.feature[left[root] as number] as number) >= 0) as number;
  const child = left[root] as number;
  for (const node of [root, child]) threshold[node] = Number.POSITIVE_INFINITY;
  left[child] = child;
  await writeModelFiles(
    folder,
    { statement: { ...statement, trees: { ...trees, threshold, left } }, session },
    facts,
  );
  return folder;
}

// By themselves: until the watchdog ends it, such a thread takes a core.
for (const onFailure of ['allow', 'hold'] as const)
  test.serial(
    `a model that hangs, and \`onFailure: ${onFailure}\`: one answer is waited for, nobody else`,
    async (t) => {
      const model = await hangingModel(t);
      const risk = { model, onFailure, timeout: '300ms' };
      const node = await nodeWith(t, `hangs-${onFailure}`, risk, { logLevel: 'silent' });
      const client = await connect(t, node, await node.grant(READ));
      const asked = client.query('select count(*) from orders');
      if (onFailure === 'allow') t.is((await asked).rowCount, 1);
      else t.regex((await t.throwsAsync(asked))?.message ?? '', /held for a reviewer/);
      const flag = await node.event('risk.flag', { cause: 'late' });
      t.like(flag, { action: onFailure === 'allow' ? 'flag' : 'hold', score: null });
      t.regex(flag.reasons.join(), /not answered in time/);
      t.is(
        (await client.query('select 1').catch(() => ({ rowCount: 0 }))).rowCount,
        onFailure === 'allow' ? 1 : 0,
      );
      t.true((await metric(node, 'postern_risk_unscored_total{cause="late"}')) >= 2, 'the session lives on');
    },
  );

/** Longer to take apart than the time that is given. */
const LONG = `select ${Array.from({ length: 9_000 }, (_, i) => `id + ${i}`).join(', ')} from orders where id = 1`;

for (const onFailure of ['allow', 'hold'] as const)
  test(`a model that is late, and \`onFailure: ${onFailure}\``, async (t) => {
    const node = await nodeWith(
      t,
      `late-${onFailure}`,
      { timeout: '1ms', onFailure },
      { logLevel: 'silent' },
    );
    const client = await connect(t, node, await node.grant(READ));
    const outcome = client.query(LONG.slice(0, 60_000).replace(/, [^,]*$/, ' from orders where id = 1')).then(
      () => null,
      (fault: pg.DatabaseError) => fault.message,
    );
    if (onFailure === 'allow') t.not(await outcome, 'held');
    else t.regex((await outcome) ?? '', /held for a reviewer/);
    const flag = await node.event('risk.flag', { cause: 'late' });
    t.is(flag.action, onFailure === 'allow' ? 'flag' : 'hold');
    t.is(await metric(node, 'postern_risk_unscored_total{cause="late"}'), 1);
  });

test('without Redis sessions go on to be scored for their grace', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const { postgres } = t.context;
  const node = await startPostern({
    postgres,
    redis,
    databases: { outage: postgres.url() },
    config: {
      metrics: { listen: '127.0.0.1:0' },
      limits: { grace: '10m', startupTimeout: PATIENT },
      risk: { timeout: PATIENT },
    },
  });
  t.teardown(() => node.stop());
  const client = await connect(t, node, await node.grant(READ));
  await client.query(CUSTOMER, [1]);
  t.is(await runs(node), 1);
  redis.pause();
  await client.query(CUSTOMER, [1]);
  await client.query('select count(*) from orders');
  t.is(await runs(node), 2);
  redis.resume();
});
