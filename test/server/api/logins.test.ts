/** Browsers log in, stay in, and get out; others' pages, guesses and forgeries do not. */
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { type Answer, PASSWORD, PeopleNode } from './people-node.ts';

const test = anyTest as TestFn<{ node: PeopleNode }>;

test.before(async (t) => {
  const node = await PeopleNode.start();
  t.context.node = node;
  await Promise.all([node.account('alice', ['requester']), node.member('bob', ['admin'])]);
});
test.after.always(({ context }) => context.node?.stop());

const logIn = (
  { context: { node } }: ExecutionContext<{ node: PeopleNode }>,
  account: string,
  password: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => node.send('POST', '/v1/login', { body: { account, password }, headers });

/** `name=value` of a cookie that an answer gives. */
function given({ headers }: Answer, name: string): string {
  const cookie = headers.getSetCookie().find((each) => each.startsWith(`${name}=`));
  if (cookie === undefined) throw new Error(`no cookie ${name}`);
  return cookie.split(';', 1)[0] as string;
}

/** One after another: they share the pace of the account. */
test.serial(
  'a login gives a cookie that scripts and other sites can not use, and is in the trail',
  async (t) => {
    const { node } = t.context;
    const answer = await logIn(t, 'alice', PASSWORD);
    t.is(answer.status, 200);
    t.like(answer.body.principal, { id: 'alice', kind: 'person', roles: ['requester'], teams: ['support'] });
    for (const cookie of answer.headers.getSetCookie()) t.regex(cookie, /; HttpOnly; SameSite=Strict/);
    const cookie = given(answer, 'postern');
    t.is((await node.send('GET', '/v1/me', { cookie })).body.id, 'alice');
    t.like(
      (await node.events()).find(({ type }) => type === 'api.login'),
      { principal: 'alice', via: 'password' },
    );
    const kept = await node.client.keys('postern:*');
    const values = await Promise.all(kept.map((key) => node.client.dump(key)));
    t.false([...kept, ...values].some((text) => text?.includes(cookie.slice('postern='.length))));
  },
);

test.serial('a second login in the same browser ends the first; a logout is for good', async (t) => {
  const { node } = t.context;
  const first = await node.cookie('alice');
  const second = given(await logIn(t, 'alice', PASSWORD, { cookie: first }), 'postern');
  t.not(first, second);
  t.is((await node.send('GET', '/v1/me', { cookie: first })).status, 401);
  t.is((await node.send('POST', '/v1/logout', { cookie: second })).status, 200);
  t.is((await node.send('GET', '/v1/me', { cookie: second })).status, 401, 'replayed');
});

test.serial('a wrong password, no such account and a disabled one look alike', async (t) => {
  const { node } = t.context;
  await node.principals.accounts.disable('gone', 'the tests');
  const answers = [
    await logIn(t, 'alice', 'not the password'),
    await logIn(t, 'hunter2-of-alice', PASSWORD),
    await logIn(t, 'gone', PASSWORD),
  ];
  for (const { status, body, headers } of answers) {
    t.is(status, 401);
    t.deepEqual(body, answers[0]?.body);
    t.deepEqual(headers.getSetCookie(), []);
  }
  const told = (await node.events()).filter((event) => event.type === 'api.refused');
  t.deepEqual(
    told.filter(({ cause }) => cause === 'bad-password').map(({ principal }) => principal),
    ['alice', null, 'gone'],
  );
  t.false(JSON.stringify(told).includes('hunter2'), 'people type their password where the name goes');
});

test.serial('who guesses is slowed down; who has logged in before, and others, are not', async (t) => {
  const { node } = t.context;
  const mark = given(await logIn(t, 'alice', PASSWORD), 'postern-mark');
  const guess = { account: 'alice', address: '127.0.0.1', mark: undefined };
  while ((await node.principals.pace.take(guess)) === 0); // five times
  const { status, body, headers } = await logIn(t, 'alice', PASSWORD);
  t.deepEqual([status, body.code], [429, 'rate-limit'], 'a right one is not told from others meanwhile');
  t.true(Number(headers.get('retry-after')) <= 60);
  t.truthy((await node.events()).find((e) => e.type === 'api.refused' && e.cause === 'paced'));
  t.is((await logIn(t, 'alice', PASSWORD, { cookie: mark })).status, 200);
});

test.serial('pages of other origins change nothing', async (t) => {
  const { node } = t.context;
  const cookie = await node.cookie('bob');
  const own = new URL(node.url).origin;
  const path = '/v1/accounts/eve/membership';
  await node.member('eve', []);
  const tries: readonly Readonly<Record<string, string>>[] = [
    { cookie },
    { cookie, origin: own },
    { cookie, origin: 'https://evil.example', 'postern-csrf': '1' },
    { cookie, origin: 'null', 'postern-csrf': '1' },
    { cookie, 'sec-fetch-site': 'cross-site', 'postern-csrf': '1' },
    { cookie, 'sec-fetch-site': 'same-site', 'postern-csrf': '1' },
  ];
  for (const headers of tries) {
    const { status } = await node.send('PUT', path, { body: { roles: ['admin'] }, headers });
    t.is(status, 403, JSON.stringify(headers));
  }
  t.deepEqual((await node.principals.accounts.get('eve'))?.roles, []);
  t.like(
    (await node.events()).find((e) => e.type === 'api.refused' && e.cause === 'foreign-origin'),
    {
      principal: 'bob',
    },
  );
  const foreign = await logIn(t, 'alice', PASSWORD, { origin: 'https://evil.example' });
  t.is(foreign.status, 403, 'nobody is logged in by another page');
  const plain = await fetch(`${node.url}/v1/login`, {
    method: 'POST',
    body: '{"account":"a","password":"b"}',
  });
  t.is(plain.status, 415, 'a form of another page can send text/plain');
  const preflight = await fetch(`${node.url}/v1/accounts`, {
    ...{ method: 'OPTIONS', headers: { origin: 'https://evil.example' } },
  });
  t.is(preflight.headers.get('access-control-allow-origin'), null);
  t.is(
    (await node.send('GET', '/v1/me', { headers: { cookie, origin: 'https://evil.example' } })).status,
    200,
  );
  const headers = { cookie, origin: own, 'postern-csrf': '1' };
  t.is((await node.send('PUT', path, { body: { roles: ['admin'] }, headers })).status, 200);
});

test.serial('a new password, and being shut out, end the logins there are', async (t) => {
  const { node } = t.context;
  const admin = await node.cookie('bob');
  await node.account('zoe', ['requester']);
  const [one, other] = [await node.cookie('zoe'), await node.cookie('zoe')];
  const change = { current: PASSWORD, password: 'another long password' };
  const wrong = { ...change, current: 'not the current one' };
  t.is((await node.send('POST', '/v1/me/password', { cookie: one, body: wrong })).status, 401);
  t.is((await node.send('POST', '/v1/me/password', { cookie: one, body: change })).status, 200);
  for (const cookie of [one, other]) t.is((await node.send('GET', '/v1/me', { cookie })).status, 401);
  const third = given(await logIn(t, 'zoe', change.password), 'postern');
  const roles = { roles: ['requester', 'auditor'] };
  await node.send('PUT', '/v1/accounts/zoe/membership', { cookie: admin, body: roles });
  t.deepEqual((await node.send('GET', '/v1/me', { cookie: third })).body.roles, roles.roles, 'from now on');
  t.is((await node.send('POST', '/v1/accounts/zoe/disable', { cookie: admin })).status, 200);
  t.is((await node.send('GET', '/v1/me', { cookie: third })).status, 401);
  await node.send('POST', '/v1/accounts/zoe/enable', { cookie: admin });
  t.is(
    (await node.send('GET', '/v1/me', { cookie: third })).status,
    401,
    'what has ended does not come back',
  );
  const changes = (await node.events()).flatMap((e) =>
    e.type === 'account.change' && e.account === 'zoe' ? [[e.what, e.by]] : [],
  );
  t.deepEqual(changes, [
    ['password', 'zoe'],
    ['membership', 'bob'],
    ['disabled', 'bob'],
    ['enabled', 'bob'],
  ]);
});

test.serial('nobody gives rights to themselves', async (t) => {
  const { node } = t.context;
  const body = { roles: ['admin', 'reviewer'] };
  const cookie = await node.cookie('bob');
  t.is((await node.send('PUT', '/v1/accounts/bob/membership', { cookie, body })).status, 403);
  t.deepEqual((await node.principals.accounts.get('bob'))?.roles, ['admin']);
});

test.serial('whoever writes to Redis makes no account, token or login', async (t) => {
  const { node } = t.context;
  const { client } = node;
  const cookie = await node.cookie('alice');
  const key = 'postern:account:alice';
  const document = (await client.hget(key, 'document')) as string;
  await client.hset(key, 'document', document.replace('"requester"', '"admin"'));
  t.is((await node.send('GET', '/v1/me', { cookie })).status, 401);
  t.truthy((await node.events()).find((e) => e.type === 'api.refused' && e.cause === 'tampered'));
  await client.hset(key, 'document', document);
  t.is((await node.send('GET', '/v1/me', { cookie })).status, 200);
  const bob = await client.hgetall('postern:account:bob');
  await client.hset(key, bob);
  t.is((await node.send('GET', '/v1/me', { cookie })).status, 401, "another's account, well signed");
  await client.hset(key, 'document', document);
  const token = await node.token(['requester']);
  const stored = `postern:api-token:${token.slice(4, 12)}`;
  const form = (await client.hget(stored, 'document')) as string;
  await client.hset(stored, 'document', form.replace('"requester"', '"admin"'));
  t.is((await node.send('GET', '/v1/me', { token })).status, 401);
  const admin = await node.token(['admin']);
  t.deepEqual((await node.send('GET', '/v1/tokens', { token: admin })).body.tampered, [token.slice(4, 12)]);
});

test.serial('without Redis nobody is let in, and that is said', async (t) => {
  const { node } = t.context;
  const cookie = await node.cookie('bob');
  await node.redis.pause();
  try {
    const { status, body } = await node.send('GET', '/v1/me', { cookie });
    t.deepEqual([status, body.code], [503, 'unavailable']);
  } finally {
    await node.redis.resume();
  }
});
