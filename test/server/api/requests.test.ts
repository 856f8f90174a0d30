/** From asking to a grant over HTTP, by people, services and agents, and what each of them sees. */
import anyTest, { type TestFn } from 'ava';
import type { ApiTokenForm } from '../../../access/accounts/api-token-store.ts';
import type { Role } from '../../../access/accounts/principal.ts';
import { heldFrom } from '../../../access/holds/held.ts';
import type { HeldStatement } from '../../../proxy/ports.ts';
import { PeopleNode } from './people-node.ts';

const test = anyTest as TestFn<{ node: PeopleNode }>;

test.before(async (t) => {
  t.context.node = await PeopleNode.start({ agents: { limits: { rows: 10 } }, onCall: ['on-call'] });
});
test.after.always(({ context }) => context.node?.stop());

/** Somebody with a token; each test has people of its own. */
function as(node: PeopleNode, principal: string, roles: readonly Role[], form: Partial<ApiTokenForm> = {}) {
  return node.token(roles, { principal, teams: [], ...form });
}

const WISH = { database: 'shop', reason: 'look at order 17', allow: ['select:public.orders'], ttl: '10m' };

test('granted at once by the policy: the token is shown once, and is the password of the grant', async (t) => {
  const { node } = t.context;
  const token = await as(node, 'ann', ['requester'], { kind: 'agent', actsFor: 'alice', teams: ['support'] });
  const { status, body } = await node.send('POST', '/v1/requests', { token, body: WISH });
  t.is(status, 200);
  t.like(body.request.state, { kind: 'approved' });
  t.like(body.request.principal, { id: 'ann', kind: 'agent', actsFor: 'alice', teams: ['support'] });
  t.is(body.request.address, '127.0.0.1');
  t.regex(body.token, /^pst_\w{28}$/);
  const grant = await node.issuer.store.get(body.request.state.grant);
  t.like(grant?.grant, { database: 'shop', principal: { id: 'ann' } });
  t.is(grant?.grant.limits.rows, 10, 'an agent gets no more than agents get');
  t.is(grant?.grant.limits.connections, 2, 'what the configuration does not say stays');
  const { body: shown } = await node.send('GET', `/v1/grants/${grant?.grant.id}`, { token });
  t.like(shown, { id: grant?.grant.id, sessions: [] });
  t.false(JSON.stringify([shown, (await node.events()).at(-1)]).includes(body.token));
  const stranger = await as(node, 'mallory', ['requester']);
  t.is((await node.send('GET', `/v1/grants/${shown.id}`, { token: stranger })).status, 404);
  t.is((await node.send('POST', `/v1/grants/${shown.id}/revoke`, { token: stranger })).status, 404);
  t.is((await node.send('POST', `/v1/grants/${shown.id}/revoke`, { token })).status, 200);
  t.is((await node.send('GET', `/v1/grants/${shown.id}`, { token })).status, 404);
  t.truthy((await node.events()).find((e) => e.type === 'grant.revoke' && e.by === 'ann'));
});

test('reviewed: whoever asked waits, somebody else approves less, and the trail knows who', async (t) => {
  const { node } = t.context;
  const carol = await as(node, 'carol', ['requester', 'reviewer']);
  const bob = await as(node, 'bob', ['reviewer'], { groups: ['leads'] });
  const { body } = await node.send('POST', '/v1/requests', { token: carol, body: WISH });
  const { id, state } = body.request;
  t.is(state.kind, 'pending');
  const waiting = node.send('GET', `/v1/requests/${id}?wait=60`, { token: carol });
  const own = await node.send('POST', `/v1/requests/${id}/approve`, { token: carol, body: {} });
  t.deepEqual([own.status, own.body.detail], [409, 'nobody decides on their own request']);
  const more = { allow: ['select:public.*'] };
  t.is((await node.send('POST', `/v1/requests/${id}/approve`, { token: bob, body: more })).status, 409);
  const only = { deny: ['select:public.orders'] };
  t.is((await node.send('POST', `/v1/requests/${id}/approve`, { token: bob, body: only })).status, 400);
  const less = { allow: ['select:public.orders(id)'], ttl: '5m', comment: 'only\nthat' };
  const { status } = await node.send('POST', `/v1/requests/${id}/approve`, { token: bob, body: less });
  t.is(status, 200);
  const { body: decided } = await waiting;
  t.is(decided.state.kind, 'approved');
  t.is(decided.state.terms.ttl, 300_000);
  t.truthy(await node.issuer.store.get(decided.state.grant));
  const told = (await node.events()).find((e) => e.type === 'request.approve' && e.request === id);
  t.like(told, { by: 'bob', comment: 'only that', grant: decided.state.grant });
  const again = await node.send('POST', `/v1/requests/${id}/deny`, { token: bob, body: { reason: 'no' } });
  t.is(again.status, 409);
});

test('who it is comes from the login alone', async (t) => {
  const { node } = t.context;
  const token = await as(node, 'dave', ['requester']);
  const claims = [
    { principal: { id: 'alice' } },
    { principal: 'alice' },
    { as: 'alice' },
    { teams: ['support'] },
    { roles: ['admin'] },
    { groups: ['leads'] },
    { onCall: true },
    { address: '10.0.0.1' },
    { triage: { risk: 0, confidence: 1, suspicious: false } },
    JSON.parse('{"__proto__": {"principal": "alice"}}'),
  ];
  for (const claim of claims) {
    const body = { ...WISH, ...claim };
    if (Object.hasOwn(claim, '__proto__'))
      Object.defineProperty(body, '__proto__', { value: {}, enumerable: true });
    t.is((await node.send('POST', '/v1/requests', { token, body })).status, 400, JSON.stringify(claim));
  }
  const headers = { 'x-forwarded-for': '10.0.0.1', 'x-forwarded-user': 'alice', 'x-remote-user': 'alice' };
  const { body } = await node.send('POST', '/v1/requests', { token, body: WISH, headers });
  t.like(body.request, { principal: { id: 'dave', teams: [] }, address: '127.0.0.1' });
});

test('nobody approves what was asked for them, or through what they have made', async (t) => {
  const { node } = t.context;
  const agent = await as(node, 'fay-helper', ['requester'], { kind: 'agent', actsFor: 'fay' });
  const { body } = await node.send('POST', '/v1/requests', { token: agent, body: WISH });
  const path = `/v1/requests/${body.request.id}`;
  const fay = await as(node, 'fay', ['reviewer', 'admin', 'requester']);
  t.is((await node.send('GET', path, { token: fay })).status, 200);
  t.is((await node.send('POST', `${path}/approve`, { token: fay, body: {} })).status, 409);
  const form = { principal: 'fay-bot', kind: 'service', roles: ['reviewer'], ttl: '1h' };
  const bot = (await node.send('POST', '/v1/tokens', { token: fay, body: form })).body.secret;
  const { status, body: refused } = await node.send('POST', `${path}/approve`, { token: bot, body: {} });
  t.deepEqual([status, refused.detail], [409, 'nobody decides on their own request']);
  t.is((await node.issuer.requests.get(body.request.id))?.state.kind, 'pending');
});

test('agents are neither reviewers nor admins', async (t) => {
  const { node } = t.context;
  const token = await as(node, 'gil', ['admin']);
  const agent = { principal: 'gil-helper', kind: 'agent', actsFor: 'gil', ttl: '1h' };
  for (const role of ['reviewer', 'admin']) {
    const body = { ...agent, roles: ['requester', role] };
    t.is((await node.send('POST', '/v1/tokens', { token, body })).status, 409, role);
  }
  const nobodys = { ...agent, actsFor: null, roles: ['requester'] };
  t.is((await node.send('POST', '/v1/tokens', { token, body: nobodys })).status, 409);
});

test('requesters see their own, and those who watch over them see all', async (t) => {
  const { node } = t.context;
  const hal = await as(node, 'hal', ['requester']);
  const { body } = await node.send('POST', '/v1/requests', { token: hal, body: WISH });
  const { id } = body.request;
  const list = async (token: string): Promise<readonly { id: string; principal: { id: string } }[]> =>
    (await node.send('GET', '/v1/requests?limit=999', { token })).body.requests;
  t.deepEqual([...new Set((await list(hal)).map(({ principal }) => principal.id))], ['hal']);
  const ivy = await as(node, 'ivy', ['requester']);
  t.deepEqual(await list(ivy), []);
  for (const path of [`/v1/requests/${id}`, `/v1/requests/${id}?wait=1`])
    t.is((await node.send('GET', path, { token: ivy })).status, 404);
  t.is((await node.send('POST', `/v1/requests/${id}/withdraw`, { token: ivy })).status, 404);
  const jon = await as(node, 'jon', ['auditor']);
  t.true((await list(jon)).some((each) => each.id === id));
  t.is((await node.send('POST', `/v1/requests/${id}/withdraw`, { token: jon })).status, 403);
  t.is((await node.send('POST', `/v1/requests/${id}/withdraw`, { token: hal })).body.state.kind, 'withdrawn');
  const pending = await node.send('GET', '/v1/requests?state=pending', { token: hal });
  t.deepEqual(pending.body.requests, []);
});

test('a token for some databases reaches no other, and makes nothing that does', async (t) => {
  const { node } = t.context;
  const free = await as(node, 'kim', ['requester']);
  const { body } = await node.send('POST', '/v1/requests', {
    token: free,
    body: { ...WISH, database: 'crm' },
  });
  const { id } = body.request;
  const token = await as(node, 'lou', ['requester', 'reviewer', 'admin'], { databases: ['shop'] });
  const there = await node.send('POST', '/v1/requests', { token, body: { ...WISH, database: 'crm' } });
  const nowhere = await node.send('POST', '/v1/requests', { token, body: { ...WISH, database: 'nope' } });
  t.deepEqual([there.status, nowhere.status], [400, 400]);
  t.is(there.body.detail.replace('crm', 'nope'), nowhere.body.detail);
  t.is((await node.send('GET', `/v1/requests/${id}`, { token })).status, 404);
  t.is((await node.send('POST', `/v1/requests/${id}/approve`, { token, body: {} })).status, 404);
  const all = (await node.send('GET', '/v1/requests', { token })).body.requests as { database: string }[];
  t.true(all.every(({ database }) => database === 'shop'));
  const form = { principal: 'lou-bot', kind: 'service', roles: ['admin'], ttl: '1h' };
  t.is((await node.send('POST', '/v1/tokens', { token, body: form })).status, 403);
  const account = { id: 'lou2', password: 'a long enough one', roles: ['admin'] };
  t.is((await node.send('POST', '/v1/accounts', { token, body: account })).status, 403);
});

test('what is asked has to make sense, and is told why it does not', async (t) => {
  const { node } = t.context;
  const token = await as(node, 'mia', ['requester']);
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ allow: ['select:orders'] }, /lacks the schema/],
    [{ allow: ['seeelect:public.orders'] }, /not an action/],
    [{ allow: [] }, /allow/],
    [{ allow: undefined, deny: ['select:public.payments'] }, /takes nothing away/],
    [{ ttl: 'forever' }, /duration/],
    [{ ttl: '0s' }, /duration/],
    [{ reason: ' \n ' }, /reason/],
    [{ reason: undefined }, /reason/],
    [{ limits: { rows: -1 } }, /rows/],
    [{ limits: { from: ['everywhere'] } }, /from/],
    [{ ticket: 'INC-1\u0007' }, /control/],
  ];
  for (const [part, expected] of wrong) {
    const { status, body } = await node.send('POST', '/v1/requests', { token, body: { ...WISH, ...part } });
    t.is(status, 400, JSON.stringify(part));
    t.regex(body.detail, expected);
  }
  const denied = await node.send('POST', '/v1/requests', {
    ...{ token, body: { ...WISH, allow: ['select:public.payments'] } },
  });
  t.like(denied.body.request.state, { kind: 'denied', reason: 'Ask the finance team.' });
});

test('more time is asked for, and what is left is given back, by whoever holds the grant', async (t) => {
  const { node } = t.context;
  const form = { teams: ['support'] };
  const nia = await as(node, 'nia', ['requester', 'reviewer'], form);
  const { body } = await node.send('POST', '/v1/requests', { token: nia, body: WISH });
  const { id, state } = body.request;
  const more = { ttl: '10m', reason: 'order 18, too' };
  const other = await as(node, 'olga', ['requester', 'reviewer'], form);
  const path = `/v1/requests/${id}/extend`;
  t.is((await node.send('POST', path, { token: other, body: more })).status, 409);
  const extended = await node.send('POST', path, { token: nia, body: more });
  t.is(extended.body.state?.kind, 'approved', JSON.stringify(extended.body));
  const grant = await node.issuer.store.get(state.grant);
  t.is(grant?.expiresAt, Date.parse(state.at) + 1_200_000);
  t.is((await node.send('POST', `/v1/grants/${state.grant}/return`, { token: other })).status, 404);
  t.is((await node.send('POST', `/v1/grants/${state.grant}/return`, { token: nia })).status, 200);
  t.is(await node.issuer.store.get(state.grant), null);
  t.truthy((await node.events()).find((e) => e.type === 'grant.return' && e.by === 'nia'));
});

test("an agent's grant lives no longer than agents' do, however often more time is asked for", async (t) => {
  const { node } = t.context;
  const token = await as(node, 'pal', ['requester'], { kind: 'agent', actsFor: 'pat', teams: ['support'] });
  const { body } = await node.send('POST', '/v1/requests', { token, body: { ...WISH, ttl: '1h' } });
  const { id, state } = body.request;
  t.is(state.terms.ttl, 900_000);
  const more = { ttl: '10m', reason: 'order 18, too' };
  t.is((await node.send('POST', `/v1/requests/${id}/extend`, { token, body: more })).status, 409);
  t.is((await node.issuer.store.get(state.grant))?.expiresAt, Date.parse(state.at) + 900_000);
});

test('who is on call puts out fires, and somebody else looks at it afterwards', async (t) => {
  const { node } = t.context;
  const fire = { ...WISH, allow: ['update:public.orders'], emergency: true };
  const off = await as(node, 'vic', ['requester'], { groups: ['leads'] });
  t.is(
    (await node.send('POST', '/v1/requests', { token: off, body: fire })).body.request.state.kind,
    'pending',
  );
  const token = await as(node, 'wes', ['requester', 'reviewer'], { groups: ['on-call'] });
  const { body } = await node.send('POST', '/v1/requests', { token, body: fire });
  t.like(body.request, { rule: 'fires', state: { kind: 'approved' } });
  const reviewer = await as(node, 'xia', ['reviewer']);
  const due = await node.send('GET', '/v1/requests?toReview=true', { token: reviewer });
  t.deepEqual(
    (due.body.requests as { id: string }[]).map(({ id }) => id),
    [body.request.id],
  );
  const path = `/v1/requests/${body.request.id}/conclude`;
  const finding = { finding: 'justified', comment: 'it was on fire' };
  t.is((await node.send('POST', path, { token, body: finding })).status, 409);
  const concluded = await node.send('POST', path, { token: reviewer, body: finding });
  t.like(concluded.body.aftercare.finding, { by: 'xia', finding: 'justified' });
  t.truthy((await node.events()).find((e) => e.type === 'request.review' && e.by === 'xia'));
});

test('reviewers are told what a request comes to, also where the database can not be asked', async (t) => {
  const { node } = t.context;
  const token = await as(node, 'quin', ['requester']);
  const { body } = await node.send('POST', '/v1/requests', { token, body: WISH });
  const reviewer = await as(node, 'rita', ['reviewer']);
  const { status, body: told } = await node.send('GET', `/v1/requests/${body.request.id}/briefing`, {
    token: reviewer,
  });
  t.is(status, 200);
  t.is(told.reach, null);
  t.deepEqual(told.similar, []);
});

test('a held statement is decided on by somebody else', async (t) => {
  const { node } = t.context;
  const held = (id: string, principal: { id: string; actsFor?: string }) =>
    heldFrom(
      id,
      {
        ...{ session: 's1', grant: 'g1234567', principal, database: 'shop', groups: [] },
        ...{ client: '127.0.0.1:5', application: null, statement: STATEMENT },
      },
      Date.now(),
      60_000,
    );
  await node.issuer.holds.begin(held('hold0001', { id: 'sam' }));
  await node.issuer.holds.begin(held('hold0002', { id: 'sam-helper', actsFor: 'sam' }));
  const sam = await as(node, 'sam', ['requester', 'reviewer']);
  const bot = await as(node, 'sam-bot', ['reviewer'], {});
  const tess = await as(node, 'tess', ['reviewer']);
  const stranger = await as(node, 'una', ['requester']);
  t.is((await node.send('GET', '/v1/holds/hold0001', { token: stranger })).status, 404);
  t.deepEqual((await node.send('GET', '/v1/holds', { token: stranger })).body.holds, []);
  for (const id of ['hold0001', 'hold0002']) {
    t.is((await node.send('GET', `/v1/holds/${id}`, { token: sam })).body.statement.sql, STATEMENT.sql);
    t.is((await node.send('POST', `/v1/holds/${id}/approve`, { token: sam, body: {} })).status, 409);
  }
  t.is(
    (await node.send('POST', '/v1/holds/hold0001/approve', { token: tess, body: {} })).body.state.by,
    'tess',
  );
  const denied = await node.send('POST', '/v1/holds/hold0002/deny', { token: bot, body: { reason: 'no' } });
  t.like(denied.body.state, { kind: 'denied', by: 'sam-bot', reason: 'no' });
  t.is(
    (await node.send('POST', '/v1/holds/hold0001/deny', { token: tess, body: { reason: 'no' } })).status,
    409,
  );
});

const STATEMENT: HeldStatement = {
  ...{ cause: 'scope', sql: 'delete from orders', prepared: [], parameters: [] },
  ...{ missing: ['delete:public.orders'], reasons: [], inTransaction: false },
};
