/** The first account: made once, by whoever has the code that was printed. */
import { createHash } from 'node:crypto';
import anyTest, { type TestFn } from 'ava';
import { PASSWORD, PeopleNode } from './people-node.ts';

const test = anyTest as TestFn<{ node: PeopleNode }>;

test.before(async (t) => {
  t.context.node = await PeopleNode.start();
});
test.after.always(({ context }) => context.node?.stop());

test('the code makes one admin, once, and nothing after that', async (t) => {
  const { node } = t.context;
  const code = node.firstAdmin ?? '';
  const form = { code, account: 'root', password: PASSWORD };
  const make = (body: object, headers: Readonly<Record<string, string>> = {}) =>
    node.send('POST', '/v1/bootstrap', { body, headers });
  const kept = await Promise.all(
    (await node.client.keys('*')).map(async (key) => [key, await node.client.dump(key)]),
  );
  t.regex(code, /^[\w-]{22}$/);
  t.false(
    kept.flat().some((text) => text?.includes(code)),
    'Redis has its hash',
  );
  t.deepEqual((await node.send('GET', '/v1/bootstrap')).body, { needed: true });

  t.is((await make({ ...form, code: `${code.slice(0, -1)}-` })).status, 401);
  t.is((await make(form, { origin: 'https://evil.example' })).status, 403);
  t.is((await make({ ...form, password: 'short' })).status, 400);
  t.is((await make({ ...form, account: '../root' })).status, 409, 'and the code is still good');
  const both = await Promise.all([make(form), make({ ...form, account: 'other' })]);
  t.deepEqual(both.map(({ status }) => status).toSorted(), [200, 401]);
  t.is((await make(form)).status, 401);
  t.deepEqual((await node.send('GET', '/v1/bootstrap')).body, { needed: false });

  const account = both[0]?.status === 200 ? 'root' : 'other';
  const login = await node.send('POST', '/v1/login', { body: { account, password: PASSWORD } });
  t.deepEqual(login.body.principal.roles, ['admin']);
  t.false(JSON.stringify([login.body, await node.events()]).includes(code));
  t.is(await node.principals.firstAdmin.offer(), null);
});

test('a code that was written into Redis is none', async (t) => {
  const { node } = t.context;
  const id = createHash('sha256').update('whatever').digest('hex');
  await node.client.set(`postern:first-admin:${id}`, 'forged', 'PX', 60_000);
  t.false(await node.principals.firstAdmin.redeem('whatever', 'mallory', PASSWORD));
  t.is(await node.principals.accounts.get('mallory'), null);
});
