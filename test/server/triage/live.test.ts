/** Triage in a running node: over HTTP, by the database's own catalog, and for reviewers by what has been. */
import anyTest, { type TestFn } from 'ava';
import pg from 'pg';
import { limitsSchema } from '../../../access/grant.ts';
import type { Policy } from '../../../access/policy/policy.ts';
import { ask } from '../../../access/requests/ask.ts';
import { requestEvents } from '../../../access/requests/request-events.ts';
import { createScramVerifier } from '../../../access/scram-verifier.ts';
import { newToken } from '../../../access/token.ts';
import type { Scope } from '../../../guardrails/types.ts';
import { KnownRelations } from '../../../server/triage/known-relations.ts';
import { reviewOf } from '../../../server/triage/request-review.ts';
import { RequestTriage } from '../../../server/triage/request-triage.ts';
import type { RequestWish } from '../../../server/triage/request-wish.ts';
import { TriageHost } from '../../../server/triage/triage-host.ts';
import { type Postern, startPostern, type TestGrant } from '../../helpers/postern.ts';

interface Node {
  node: Postern;
  relations: KnownRelations;
}
/** One node for all of it: each test has grants of its own. */
const test = anyTest as TestFn<Node>;

const PER_MINUTE = 5;
const SCHEMA = `
  create table customers (id int primary key, email text);
  create table orders (id int primary key, customer_id int);
  insert into orders select i, i from generate_series(1, 500) i;
  create table "Odd, Name" (id int);
  create view open_orders as select * from orders;
  create table events (id int, at date) partition by range (at);
  create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01');
  create table events_2027 partition of events for values from ('2027-01-01') to ('2028-01-01');
  insert into events select i, '2026-06-01' from generate_series(1, 300) i;
  insert into events select i, '2027-06-01' from generate_series(1, 40) i;
  analyze`;

test.before(async (t) => {
  const node = await startPostern({
    config: { api: { listen: '127.0.0.1:0', requestsPerMinute: PER_MINUTE } },
  });
  t.context.node = node;
  await node.postgres.query(SCHEMA, 'postgres');
  const { hostname: host, port, username: user, password } = new URL(node.postgres.url());
  const target = { host, port: Number(port), user, password, database: 'postgres' };
  t.context.relations = new KnownRelations({ postgres: { ...target, tls: { mode: 'disable' } } });
});
test.after.always(async ({ context: { node, relations } }) => {
  await relations?.close();
  await node?.stop();
});

test('what there is: tables with their rows, partitioned ones as a whole, and views', async (t) => {
  const known = await t.context.relations.of('postgres');
  t.deepEqual(
    known.map(({ schema, name, kind, rows }) => [`${schema}.${name}`, kind, rows]),
    [
      ['public.Odd, Name', 'table', null],
      ['public.customers', 'table', null],
      ['public.events', 'table', 340],
      ['public.open_orders', 'view', null],
      ['public.orders', 'table', 500],
    ],
  );
  t.deepEqual(known.find(({ name }) => name === 'customers')?.columns, ['id', 'email']);
  await t.throwsAsync(async () => t.context.relations.of('elsewhere'), { message: /not configured/ });
});

const LIMITS = limitsSchema.parse({});
const POLICY: Policy = {
  revision: 'test',
  dataClasses: new Map(),
  rules: [
    {
      name: 'orders',
      when: { relations: ['public.orders'] },
      outcome: {
        kind: 'auto_approve',
        cap: { scope: [{ actions: ['select'], on: ['public.*'] }], ttl: 600_000, limits: LIMITS },
        beyond: 'review',
      },
    },
  ],
};
const wish = (reason: string, over: Partial<RequestWish> = {}): RequestWish => ({
  principal: { id: 'alice', kind: 'person', teams: ['support'], roles: [] },
  database: 'postgres',
  terms: { scope: null, ttl: null, limits: LIMITS },
  ...{ reason, ticket: null, emergency: false, address: null },
  ...over,
});

test('a reviewer sees what is asked beyond need, what it touches, and how others like it went', async (t) => {
  const { node, relations } = t.context;
  const triage = new RequestTriage(await TriageHost.open({ model: 'builtin', timeout: 1_000 }), relations);
  const askedFor = async (reason: string, over: Partial<RequestWish> = {}) => {
    const { form, triage: found } = await triage.look(wish(reason, over));
    const token = newToken();
    const asked = ask(POLICY, form, { onCall: false, triage: found, now: Date.now() });
    return { request: await node.issuer.requests.submit(asked, await createScramVerifier(token)), token };
  };
  const { request: before, token } = await askedFor('customer of order 12 asks where the parcel is');
  if (before.state.kind !== 'approved') return t.fail('it is granted');
  const { grant } = before.state;
  t.like(requestEvents(null, before, null)[0], { triage: { suspicious: false, model: 'builtin' } });
  const client = new pg.Client(`postgresql://${grant}:${token}@127.0.0.1:${node.port}/postgres`);
  await client.connect();
  await client.query('select count(*) from orders');
  await t.throwsAsync(client.query('delete from customers'));
  await client.end();
  await node.event('session.end', { grant });
  const scope: Scope = [{ actions: ['select'], on: ['public.orders', 'public.customers'] }];
  const { request } = await askedFor('look up order 13', { terms: { ...wish('').terms, scope } });
  const parts = { relations, requests: node.issuer.requests, spool: node.spool };
  const review = await reviewOf(request, {
    ...parts,
    dataClasses: new Map([['personal', ['*.customers(email)']]]),
  });
  t.deepEqual(review.beyondNeed, ['select:public.customers']);
  t.deepEqual(
    review.reach?.map(({ name, rows, classes }) => [name, rows, classes]),
    [
      ['orders', 500, []],
      ['customers', null, [{ name: 'personal', columns: ['email'] }]],
    ],
  );
  t.like(review.similar[0], {
    own: true,
    course: { sessions: 1, statements: 2, denied: 1, alarms: 0, ended: null },
  });
  t.is(review.similar[0]?.request.id, before.id);
});

const POST = { method: 'POST', headers: { 'content-type': 'application/json' } };
async function post(node: Postern, grant: TestGrant | null, body: unknown) {
  const authorization = grant === null ? {} : { authorization: `Bearer ${grant.id}.${grant.password}` };
  const response = await fetch(`http://127.0.0.1:${node.apiPort}/v1/triage`, {
    ...POST,
    headers: { ...POST.headers, ...authorization },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
}

const ASKED = {
  text: 'weekly sales report from public.orders',
  requester: { role: 'analyst' },
  requested: { actions: ['select'], tables: ['public.orders'], ttl_min: 30 },
};

test('a grant with score:triage is answered, and it is in the trail', async (t) => {
  const { node } = t.context;
  const { status, body } = await post(node, await node.grant({ allow: ['score:triage'] }), ASKED);
  t.is(status, 200);
  t.like(body, { decision: 'auto_approve', scope: ['public.orders'], actions: ['select'], model: 'builtin' });
  const { session } = body as { session: string };
  t.like(await node.event('model.request', { session }), { asked: 'triage', text: ASKED.text });
  t.like(await node.event('model.answer', { session }), {
    asked: 'triage',
    decision: 'auto_approve',
    fault: null,
  });
});

test('nobody else is answered, nor more often than the limit, nor what is no request', async (t) => {
  const { node } = t.context;
  t.is((await post(node, null, ASKED)).status, 401);
  const other = await node.grant({ allow: ['score:risk', 'select:public.*'] });
  t.is((await post(node, other, ASKED)).status, 403);
  const once = await node.grant({ allow: ['score:triage'], limits: { logins: 1 } });
  t.is((await post(node, once, ASKED)).status, 200);
  t.not((await post(node, once, ASKED)).status, 200);
  const grant = await node.grant({ allow: ['score:triage'] });
  for (const wrong of [{}, { text: '' }, { text: 7 }, { ...ASKED, more: 1 }, { ...ASKED, catalog: 'orders' }])
    t.is((await post(node, grant, wrong)).status, 400, JSON.stringify(wrong));
  const statuses: number[] = [];
  while (statuses.at(-1) !== 429 && statuses.length < 100)
    statuses.push((await post(node, grant, ASKED)).status);
  t.deepEqual([statuses[0], statuses.at(-1)], [200, 429]);
});

test('the description has it', async (t) => {
  const response = await fetch(`http://127.0.0.1:${t.context.node.apiPort}/v1/openapi.json`);
  // biome-ignore lint/suspicious/noExplicitAny: it is looked at as it comes
  const route = ((await response.json()) as any).paths['/v1/triage'].post;
  t.deepEqual(route.security, [{ grant: [] }]);
  t.true('text' in route.requestBody.content['application/json'].schema.properties);
});
