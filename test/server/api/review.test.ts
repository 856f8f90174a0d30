/** What reviewers see by HTTP of sessions that go on, and of those that are over. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { Client } from 'pg';
import type { AuditEvent, SessionRef } from '../../../audit/events.ts';
import type { TestGrant } from '../../helpers/postern.ts';
import { type Heard, Reviewing } from './reviewing.ts';

const test = anyTest as TestFn<{ node: Reviewing; auditor: string; grant: TestGrant }>;

test.before(async (t) => {
  const node = await Reviewing.start();
  const grant = await node.postern.grant({ allow: ['select:public.*'], limits: { rows: 1000 } });
  t.context = { node, grant, auditor: await node.token('audrey', ['auditor']) };
});
test.after.always(({ context }) => context.node?.stop());

async function connected(grant: TestGrant): Promise<Client> {
  const client = new Client({ connectionString: grant.url, application_name: '<b>psql</b>' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Reads on until there is one. */
async function heard<K extends Heard['message']['kind']>(
  messages: AsyncGenerator<Heard>,
  kind: K,
  is: (message: Extract<Heard['message'], { kind: K }>) => boolean = () => true,
): Promise<Heard & { readonly message: Extract<Heard['message'], { kind: K }> }> {
  for (;;) {
    const { value, done } = await messages.next();
    if (done === true) throw new Error(`the stream ended before ${kind}`);
    const { message } = value;
    if (message.kind === kind && is(message as never)) return value as never;
  }
}

test('a session: open with what it came to, replayed, ended from here, and found among the past ones', async (t) => {
  const { node, auditor, grant } = t.context;
  const reviewer = await node.token('rita', ['reviewer']);
  const messages = node.listen(auditor, '/v1/stream?topics=sessions,statements');
  await heard(messages, 'sessions');
  const client = await connected(grant);
  const opened = await heard(messages, 'session.opened', ({ session }) => session.grant === grant.id);
  const { session } = opened.message.session;
  await client.query('SELECT n FROM generate_series(1, 7) n');
  await t.throwsAsync(client.query('DELETE FROM pg_am'), { message: /delete/ });
  const counted = await heard(messages, 'session.counts', ({ counts }) =>
    counts.some((each) => each.session === session && each.denied === 1),
  );
  t.like(counted.message.counts[0], { session, rows: 7, denied: 1 });

  const open = await node.ask(auditor, `/v1/sessions?grant=${grant.id}`);
  t.true(open.counted);
  t.like(open.sessions[0], {
    ...{ session, state: 'open', principal: 'tester', application: '<b>psql</b>', rows: 7, denied: 1 },
    budget: { limits: { rows: 1000 } },
  });
  const detail = await node.ask(auditor, `/v1/sessions/${session}`);
  t.like(detail.why, { grant: { id: grant.id, inForce: true }, request: null });

  const { statements, next } = await node.ask(auditor, `/v1/sessions/${session}/statements?limit=1`);
  t.like(statements[0], { statement: { decision: 'allow', sql: 'SELECT n FROM generate_series(1, 7) n' } });
  t.is(statements[0].end.rows, 7);
  const rest = await node.ask(auditor, `/v1/sessions/${session}/statements?from=${next}`);
  t.like(rest.statements[0].statement, { decision: 'deny', sql: 'DELETE FROM pg_am' });

  const timeline = await node.ask(auditor, `/v1/sessions/${session}/timeline?columns=1`);
  t.like(timeline.columns, [{ first: 1, last: 2, statements: 2, worst: 'deny' }]);

  const stranger = await node.token('sam', ['requester']);
  const theirs = node.listen(stranger, '/v1/stream?topics=sessions,statements');
  t.deepEqual((await heard(theirs, 'sessions')).message.sessions, []);
  await theirs.return(undefined);
  t.deepEqual((await node.ask(stranger, '/v1/sessions')).sessions, []);
  for (const path of ['', '/statements', '/timeline'].map((part) => `/v1/sessions/${session}${part}`))
    t.is((await node.ask(stranger, path)).status, 404);

  t.is((await node.ask(auditor, `/v1/sessions/${session}/end`, {})).status, 403);
  t.like(await node.ask(reviewer, `/v1/sessions/${session}/end`, {}), { ended: true });
  await heard(messages, 'session.closed', (message) => message.session === session);
  const ended = await node.ask(auditor, `/v1/sessions?state=ended&grant=${grant.id}`);
  t.like(ended.sessions[0], { session, state: 'ended', endReason: 'ended', rows: 7, backendPid: null });
  t.is((await node.ask(auditor, `/v1/sessions/${session}`)).state, 'ended');
  await messages.return(undefined);
});

const REF: SessionRef = {
  ...{ session: 'aa11', grant: 'gxxxxxx1', principal: 'ann', database: 'shop', client: '127.0.0.1:5' },
};
const flag = (alarm: string, score: number): AuditEvent => ({
  ...{ type: 'risk.flag', ...REF, alarm, statement: 1, action: 'flag', cause: 'statement', score },
  ...{ sessionScore: null, model: 'm1', reasons: ['it is new'], news: [], sql: 'SELECT secret FROM t' },
  ...{ application: null, teams: [], context: {} },
});

test('an alarm: told as it comes, judged by others than who raised it, and then no longer open', async (t) => {
  const { node, auditor } = t.context;
  const messages = node.listen(auditor, '/v1/stream?topics=alarms&session=aa11');
  const next = heard(messages, 'event');
  const rita = await node.token('rita2', ['reviewer']);
  const own = await node.token('ann', ['reviewer', 'requester']);
  const elsewhere = await node.token('rob', ['reviewer'], ['crm']);
  // Until it listens.
  for (let told = false, i = 1; !told; i++) {
    await node.write('w9', [flag(`aa11-${i}`, 0.5)]);
    told = await Promise.race([
      next.then(() => true),
      new Promise<false>((no) => setTimeout(no, 100, false)),
    ]);
  }
  const { message, id } = await next;
  t.like(message, { topic: 'alarms', event: { type: 'risk.flag', principal: 'ann' } });
  t.like(await node.ask(auditor, '/v1/alarms/aa11-1'), { flag: { alarm: 'aa11-1' }, verdict: null });
  t.is((await node.ask(elsewhere, '/v1/alarms/aa11-1')).status, 404);
  t.is((await node.ask(own, '/v1/alarms/aa11-1/verdict', { verdict: 'false' })).status, 409);
  t.is((await node.ask(auditor, '/v1/alarms/aa11-1/verdict', { verdict: 'false' })).status, 403);
  const note = '<img src=x onerror=alert(1)>';
  t.like(await node.ask(rita, '/v1/alarms/aa11-1/verdict', { verdict: 'true', note }), { by: 'rita2' });
  const verdict = await heard(messages, 'event', ({ event }) => event.type === 'risk.verdict');
  t.like(verdict.message.event, { verdict: 'true', note, by: 'rita2' });
  const judged = await node.ask(auditor, '/v1/alarms?state=judged');
  t.like(judged.alarms[0], { flag: { alarm: 'aa11-1' }, verdict: { verdict: 'true', by: 'rita2' } });
  const open = await node.ask(auditor, '/v1/alarms?principal=ann');
  t.false(open.alarms.some((each: { flag: { alarm: string } }) => each.flag.alarm === 'aa11-1'));
  await messages.return(undefined);

  const again = node.listen(auditor, '/v1/stream?topics=alarms', { 'last-event-id': id ?? '' });
  t.truthy(await heard(again, 'event', ({ event }) => event.type === 'risk.verdict'));
  await again.return(undefined);
  const lost = node.listen(auditor, '/v1/stream?topics=alarms', { 'last-event-id': 'abc.1' });
  t.truthy(await heard(lost, 'reset'));
  await lost.return(undefined);
});

test('a stream ends with what it was begun by', async (t) => {
  const { node } = t.context;
  const secret = await node.token('short', ['auditor']);
  const messages = node.listen(secret, '/v1/stream?topics=sessions');
  await heard(messages, 'sessions');
  await node.principals.tokens.revoke(secret.slice(4, 12), 'the tests');
  t.like(await heard(messages, 'end'), { message: { why: 'the login is over' } });
  t.true((await messages.next()).done);
});

const ran = (principal: string, statement: number, sql: string, database = 'shop'): AuditEvent => ({
  ...{ type: 'statement', ...REF, session: `bb${principal}`, principal, database, statement, via: 'query' },
  ...{ decision: 'allow', sql, tags: ['SELECT'], reasons: [], sqlstate: null },
  needs: [{ action: 'select', resource: /^c/.test(principal) ? 'public.findable' : 'public.other' }],
});
const LOOK = '/v1/events?relation=public.findable';

test('events are found by those who may see them, and no cursor leads elsewhere', async (t) => {
  const { node, auditor } = t.context;
  const hostile = `SELECT '</script><script>alert(1)</script>', '\u202e%_''; DROP TABLE x --'`;
  await node.write('w8', [
    ...[1, 2, 3].map((number) => ran('carl', number, `SELECT ${number}`)),
    ran('cleo', 1, hostile),
    ran('cleo', 2, 'SELECT 2', 'crm'),
  ]);
  const [carl, crm] = await Promise.all([
    node.token('carl', ['requester']),
    node.token('carla', ['auditor'], ['crm']),
  ]);
  const count = async (token: string, path: string) => (await node.ask(token, path)).events.length;
  t.is(await count(auditor, LOOK), 5);
  t.is(await count(carl, LOOK), 3);
  t.is(await count(carl, `${LOOK}&principal=cleo`), 0, 'what is not theirs is not there');
  t.is(await count(crm, LOOK), 1);
  const [found] = (await node.ask(auditor, `${LOOK}&text=${encodeURIComponent('DROP </script> 1')}`)).events;
  t.is(found.sql, hostile);
  for (const text of ["' OR 1=1 --", '%', '_', '\\', '\u0000', '*', 'word:select', '"'])
    t.true((await node.ask(auditor, `${LOOK}&text=${encodeURIComponent(text)}`)).status < 500, text);
  t.is(await count(auditor, `/v1/events?relation=${encodeURIComponent("public.findable' OR '1'='1")}`), 0);
  t.is(await count(auditor, '/v1/events?relation=public.%25'), 0);

  const first = await node.ask(auditor, `${LOOK}&limit=2`);
  t.is(await count(auditor, `${LOOK}&limit=3&cursor=${first.next}`), 3);
  const bad = {
    'of another question': `/v1/events?relation=public.other&cursor=${first.next}`,
    'of another order': `${LOOK}&order=oldest&cursor=${first.next}`,
    'of another route': `/v1/alarms?cursor=${first.next}`,
    changed: `${LOOK}&cursor=${first.next.slice(0, -2)}AA`,
    'the bare one of the trail': `${LOOK}&cursor=${Buffer.from('test/w8=1.0').toString('base64url')}`,
    nonsense: `${LOOK}&cursor=..%2F..%2Fetc%2Fpasswd`,
  };
  for (const [what, path] of Object.entries(bad)) t.is((await node.ask(auditor, path)).status, 400, what);
  t.is((await node.ask(carl, `${LOOK}&cursor=${first.next}`)).status, 400, "another's");
  for (const wrong of [
    'types=nothing',
    'limit=1001',
    'limit=0',
    'risk=2',
    'from=yesterday',
    'x=1',
    'limit=1&limit=2',
  ])
    t.is((await node.ask(auditor, `/v1/events?${wrong}`)).status, 400, wrong);
});

test('an export is what a search finds, as a file, and the trail has who took it', async (t) => {
  const { node, auditor } = t.context;
  await node.write('w7', [
    ran('dora', 1, '=HYPERLINK("http://evil.example","a")'),
    ...Array.from({ length: 1_200 }, (_, i) => ran('dora', i + 2, `SELECT ${i}`)),
  ]);
  const lines = await node.fetch(auditor, '/v1/events/export?principal=dora');
  t.is(lines.headers.get('content-type'), 'application/x-ndjson');
  t.is(lines.headers.get('content-disposition'), 'attachment; filename="postern-trail.ndjson"');
  const events = (await lines.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.deepEqual(
    events.map(({ statement }) => statement),
    Array.from({ length: 1_201 }, (_, i) => i + 1),
  );
  const table = await node.fetch(auditor, '/v1/events/export?principal=dora&format=csv&text=hyperlink');
  t.regex(table.headers.get('content-type') ?? '', /^text\/csv/);
  t.regex(await table.text(), /"'=HYPERLINK\(""http/, 'no spreadsheet runs it');
  const told = await node.ask(auditor, '/v1/events?types=trail.export');
  t.like(told.events[1], { by: 'audrey', format: 'ndjson', question: { principal: 'dora' } });
  const dora = await node.token('dora', ['requester']);
  const stalled = await node.fetch(dora, '/v1/events/export');
  t.is(stalled.status, 200);
  await stalled.body?.cancel();
});

test('an overview counts what the trail has, of the databases that are theirs to see', async (t) => {
  const { node, auditor } = t.context;
  await node.write('w5', [ran('eve', 1, 'SELECT 1', 'counted'), ran('eve', 2, 'SELECT 2', 'counted')]);
  const overview = await node.ask(auditor, '/v1/overview?database=counted&stretch=3600');
  t.is(overview.stretch, 3_600_000);
  const allowed = overview.tallies.map((each: { decisions: { allow: number } }) => each.decisions.allow);
  t.is(allowed.length, 24);
  t.is(
    allowed.reduce((sum: number, count: number) => sum + count, 0),
    2,
  );
  const [bound, two] = await Promise.all([
    node.token('eva', ['auditor'], ['counted']),
    node.token('evi', ['auditor'], ['counted', 'crm']),
  ]);
  t.is((await node.ask(bound, '/v1/overview')).status, 200);
  t.is((await node.ask(bound, '/v1/overview?database=shop')).status, 404);
  t.is((await node.ask(two, '/v1/overview')).status, 400);
  t.is((await node.ask(bound, '/v1/trail')).status, 403);
});

test('a check of the trail tells where it is broken, and the trail tells of the check', async (t) => {
  const { node, auditor } = t.context;
  await node.write(
    'w4',
    [1, 2, 3].map((number) => ran('fay', number, `SELECT ${number}`)),
  );
  const file = join(node.postern.spool, 'test/w4/000000001.ndjson');
  writeFileSync(file, readFileSync(file, 'utf8').replace('SELECT 2', 'SELECT 9'));
  const begun = await node.ask(auditor, '/v1/trail/verify', {});
  t.like(begun.verification, { kind: 'running', by: 'audrey' });
  let state = begun;
  while (state.verification.kind === 'running') state = await node.ask(auditor, '/v1/trail');
  t.like(state.verification, { kind: 'done', ok: false, by: 'audrey' });
  const broken = state.verification.streams.filter((stream: { breaks: number }) => stream.breaks > 0);
  t.is(broken.length, 1);
  t.like(broken[0].firstBreak, { place: 'test/w4/000000001.ndjson:2', fault: 'bad hash' });
  t.true(state.spool.writable);
  const told = await node.ask(auditor, '/v1/events?types=trail.verify');
  t.like(told.events[0], { by: 'audrey', ok: false });
});
