import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import type pg from 'pg';
import type { Held } from '../../../access/holds/held.ts';
import { holdApproved, holdDenied } from '../../../access/holds/review-hold.ts';
import type { Reviewer } from '../../../access/requests/access-request.ts';
import { type Postern, startPostern } from '../../helpers/postern.ts';
import { startRedis } from '../../helpers/redis.ts';
import {
  CUSTOMER,
  connect,
  metric,
  nodeWith,
  PATIENT,
  READ,
  runs,
  type Servers,
  startServers,
  stopServers,
} from './live-node.ts';

const test = anyTest as TestFn<Servers>;

test.before(async (t) => {
  Object.assign(t.context, await startServers());
});
test.after.always(({ context }) => stopServers(context));

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
  t.is(flag.weights?.length, flag.reasons.length);
  t.deepEqual(
    flag.weights,
    flag.weights?.toSorted((a, b) => b - a),
  );
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
  t.is(statement?.type === 'statement' && statement.risk, toTheFourth(flag.score));
  t.is(statement?.type === 'statement' && statement.sessionRisk, toTheFourth(flag.sessionScore));
  const calm = events.filter(
    (event) => event.type === 'statement' && event.risk !== undefined && event.risk < (flag.score ?? 0),
  );
  t.true(calm.length > 0, 'scores are told without an alarm, too');
});

test('what the policy takes for personal is a reason, by relation and by column, whatever it is called', async (t) => {
  const policy = join(mkdtempSync(join(tmpdir(), 'postern-classes-')), 'policy.yaml');
  t.teardown(() => rmSync(dirname(policy), { recursive: true }));
  writeFileSync(
    policy,
    JSON.stringify({
      version: 1,
      dataClasses: { personal: ['public.orders(total)'] },
      rules: [{ name: 'all is reviewed', when: {}, review: {} }],
    }),
  );
  const node = await nodeWith(t, 'classes', { thresholds: { flag: 0 } }, { policy });
  const grant = await node.grant(READ);
  const client = await connect(t, node, grant);
  const reasonsFor = async (sql: string) => {
    await client.query(sql);
    return (await node.event('risk.flag', { grant: grant.id, sql })).reasons.join();
  };
  t.regex(
    await reasonsFor('select id, total from orders'),
    /what the policy takes for such, are read in bulk/,
  );
  t.notRegex(await reasonsFor('select id, state from orders'), /what the policy takes for such/);
  t.notRegex(
    await reasonsFor('select email from customers'),
    /what the policy takes for such/,
    'it knows better',
  );
});

const toTheFourth = (score: number | null): number => Math.round((score ?? 0) * 10_000) / 10_000;

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
    await until(() => metric(node, 'postern_webhook_total{outcome="delivered"}'), 1);
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
  for (let attempt = 0; attempt < 1_200 && (await value()) < least; attempt++) await sleep(50);
}

test('what is held is refused with the reason if nobody approves it, and the session goes on', async (t) => {
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

test('what a reviewer approves runs, once, and they are told why it was held', async (t) => {
  const node = await nodeWith(t, 'approved', { thresholds: { flag: 0, hold: 0 } }, { wait: '5m' });
  const grant = await node.grant(READ);
  const client = await connect(t, node, grant);
  const decide = async (decision: (held: Held, by: Reviewer, words: string, now: number) => Held) => {
    for (;;) {
      const { holds } = await node.issuer.holds.list();
      const held = holds.find((each) => each.grant === grant.id && each.state.kind === 'pending');
      if (held === undefined) await sleep(20);
      else return node.issuer.holds.decide(held.id, (now) => decision(now, BOB, 'so be it', Date.now()));
    }
  };
  const approved = client.query('select count(*) from orders where id = $1', [1]);
  const { statement } = (await decide(holdApproved))!;
  t.is((await approved).rowCount, 1);
  const { reasons } = await node.event('risk.flag', { grant: grant.id });
  t.like(statement, { cause: 'risk', parameters: ['1'], missing: [] });
  t.deepEqual(statement.reasons, reasons);
  const again = client.query('select count(*) from orders where id = $1', [1]);
  const denied = t.throwsAsync(again, { message: 'bob has denied the statement: so be it' });
  await decide(holdDenied);
  await denied;
});

const BOB: Reviewer = { id: 'bob', groups: [] };

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
  const scored = (await node.events()).filter((event) => event.type === 'statement' && 'risk' in event);
  t.is(scored.length, learned, 'what is usual has no score');
  const usual = await becomesUsual(node, async () => {
    const next = await connect(t, node, grant, 'dashboard');
    await work(next, 10);
    await next.query("select state, count(*) from orders where state = 'closed' group by state");
    await next.end();
  });
  t.true(usual);
});

/** What was learned is on its way for a moment. */
async function becomesUsual(node: Postern, work: () => Promise<void>): Promise<boolean> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const before = await runs(node);
    await work();
    if ((await runs(node)) === before) return true;
    await sleep(100);
  }
  return false;
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
  const usual = await becomesUsual(two, async () => {
    const client = await connect(t, two, grant);
    await client.query(CUSTOMER, [2]);
    await client.end();
  });
  t.true(usual);
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
