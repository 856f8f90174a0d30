/** Every route of the running server against every kind of caller: what each may do is one table. */
import anyTest, { type TestFn } from 'ava';
import { ROLES, type Role } from '../../../access/accounts/principal.ts';
import { type Answer, PeopleNode, type Sent } from './people-node.ts';

/** Who may: these roles; whoever is logged in; anybody; or who shows a grant, which is no login. */
type Expected = readonly Role[] | 'whoever is logged in' | 'anybody' | 'grants';

const ANY = 'whoever is logged in';
const SEES = ['requester', 'reviewer', 'auditor', 'admin'] as const;
const ENDS = ['requester', 'reviewer', 'admin'] as const;

const MAY: Readonly<Record<string, Expected>> = {
  'GET /v1/openapi.json': 'anybody',
  'POST /v1/login': 'anybody',
  'GET /v1/bootstrap': 'anybody',
  'POST /v1/bootstrap': 'anybody',
  'GET /v1/oidc/login': 'anybody',
  'GET /v1/oidc/callback': 'anybody',
  'POST /v1/risk/score': 'grants',
  'POST /v1/triage': 'grants',
  'POST /v1/logout': ANY,
  'GET /v1/me': ANY,
  'POST /v1/me/password': ANY,
  'GET /v1/policy': ANY,
  'POST /v1/requests': ['requester'],
  'GET /v1/requests': SEES,
  'GET /v1/requests/{id}': SEES,
  'POST /v1/requests/{id}/approve': ['reviewer'],
  'POST /v1/requests/{id}/deny': ['reviewer'],
  'POST /v1/requests/{id}/withdraw': ['requester'],
  'POST /v1/requests/{id}/extend': ['requester'],
  'POST /v1/requests/{id}/conclude': ['reviewer'],
  'GET /v1/requests/{id}/briefing': ['reviewer', 'auditor', 'admin'],
  'GET /v1/holds': SEES,
  'GET /v1/holds/{id}': SEES,
  'POST /v1/holds/{id}/approve': ['reviewer'],
  'POST /v1/holds/{id}/deny': ['reviewer'],
  'GET /v1/grants': SEES,
  'GET /v1/grants/{id}': SEES,
  'POST /v1/grants/{id}/revoke': ENDS,
  'POST /v1/grants/{id}/return': ['requester'],
  'GET /v1/sessions': SEES,
  'GET /v1/sessions/{id}': SEES,
  'GET /v1/sessions/{id}/statements': SEES,
  'GET /v1/sessions/{id}/timeline': SEES,
  'POST /v1/sessions/{id}/end': ENDS,
  'GET /v1/events': SEES,
  'GET /v1/events/export': SEES,
  'GET /v1/stream': SEES,
  'GET /v1/overview': ['reviewer', 'auditor', 'admin'],
  'GET /v1/trail': ['reviewer', 'auditor', 'admin'],
  'POST /v1/trail/verify': ['reviewer', 'auditor', 'admin'],
  'GET /v1/alarms': SEES,
  'GET /v1/alarms/{id}': SEES,
  'POST /v1/alarms/{id}/verdict': ['reviewer'],
  'GET /v1/accounts': ['auditor', 'admin'],
  'POST /v1/accounts': ['admin'],
  'PUT /v1/accounts/{id}/membership': ['admin'],
  'POST /v1/accounts/{id}/password': ['admin'],
  'POST /v1/accounts/{id}/disable': ['admin'],
  'POST /v1/accounts/{id}/enable': ['admin'],
  'GET /v1/tokens': ['auditor', 'admin'],
  'POST /v1/tokens': ['admin'],
  'POST /v1/tokens/{id}/revoke': ['admin'],
};

/** What a caller shows, made anew for each request: some routes end logins. */
type Proof = (node: PeopleNode) => Promise<Sent>;

/** Those who prove who they are, by their roles. */
const CALLERS: Readonly<Record<string, { readonly roles: readonly Role[]; readonly proof: Proof }>> = {
  ...Object.fromEntries(
    ROLES.flatMap((role) => [
      [`a service, ${role}`, service([role])],
      [`a person, ${role}`, person(role)],
    ]),
  ),
  'an agent, requester': {
    roles: ['requester'],
    proof: async (node) => ({
      token: await node.token(['requester'], { kind: 'agent', principal: 'helper', actsFor: 'alice' }),
    }),
  },
  'a person without a role': { roles: [], proof: async (node) => ({ cookie: await node.cookie('nobody') }) },
};

/** Those who don't, by the cause that the trail has; null: there is nothing to tell. */
const STRANGERS: Readonly<Record<string, { readonly cause: string | null; readonly proof: Proof }>> = {
  'no login': { cause: null, proof: async () => ({}) },
  'a forged token': {
    cause: 'unknown-token',
    proof: async (node) => {
      const secret = await node.token(['admin']);
      return { token: secret.slice(0, -1) + (secret.endsWith('x') ? 'y' : 'x') };
    },
  },
  'an expired token': {
    cause: 'expired-token',
    proof: async (node) => ({ token: await node.token(['admin'], {}, node.past) }),
  },
  'a revoked token': {
    cause: 'revoked-token',
    proof: async (node) => {
      const secret = await node.token(['admin']);
      await node.principals.tokens.revoke(secret.slice(4, 12), 'the tests');
      return { token: secret };
    },
  },
  'a token of a disabled service': {
    cause: 'disabled',
    proof: async (node) => ({ token: await node.token(['admin'], { principal: 'shut-out' }) }),
  },
  'a token of a grant': {
    cause: 'unknown-token',
    proof: async () => ({ token: 'g1234567.pst_0123456789012345678901234567' }),
  },
  'a login that has ended': {
    cause: 'unknown-login',
    proof: async (node) => {
      const cookie = await node.cookie('admin');
      await node.principals.logins.end(cookie.slice('postern='.length));
      return { cookie };
    },
  },
  'a login that has expired': {
    cause: 'unknown-login',
    proof: async (node) => ({ cookie: await node.cookie('admin', node.past) }),
  },
  'a forged login': { cause: 'unknown-login', proof: async () => ({ cookie: `postern=${'A'.repeat(43)}` }) },
  'a login of a disabled account': {
    cause: 'disabled',
    proof: async (node) => ({ cookie: await node.cookie('shut-out') }),
  },
  'a login that was begun with another password': {
    cause: 'disabled',
    proof: async (node) => {
      const source = { via: 'password', principal: 'admin', epoch: 0 } as const;
      const { secret } = await node.principals.logins.begin(source, { idle: 60_000, absolute: 60_000 });
      return { cookie: `postern=${secret}` };
    },
  },
};

function service(roles: readonly Role[]) {
  return { roles, proof: async (node: PeopleNode) => ({ token: await node.token(roles) }) };
}

function person(role: Role) {
  return { roles: [role], proof: async (node: PeopleNode) => ({ cookie: await node.cookie(role) }) };
}

const test = anyTest as TestFn<{ node: PeopleNode; routes: readonly string[] }>;

test.before(async (t) => {
  const node = await PeopleNode.start({
    baseUrl: 'http://127.0.0.1:8432',
    oidc: { issuer: 'http://127.0.0.1:1', clientId: 'postern' },
  });
  t.context.node = node;
  for (const role of ROLES) await node.member(role, [role]);
  await node.member('nobody', []);
  await node.principals.accounts.disable('shut-out', 'the tests');
  const { body } = await node.send('GET', '/v1/openapi.json');
  t.context.routes = Object.entries(body.paths as Record<string, object>).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
});
test.after.always(({ context }) => context.node?.stop());

/** Of something that is not there: whoever may is told so, or that the request is not as it should be. */
function ask(node: PeopleNode, route: string, proof: Sent): Promise<Answer> {
  const [method = '', path = ''] = route.split(' ');
  const body = method === 'GET' ? {} : { body: {} };
  return node.send(method, path.replace('{id}', 'z9999999'), { ...proof, ...body });
}

test('the table has the routes of the running server, and no other', (t) => {
  const { routes } = t.context;
  t.deepEqual([...routes].sort(), Object.keys(MAY).sort());
});

for (const [route, may] of Object.entries(MAY)) {
  const pattern = route.replace('{id}', ':id');

  test(`${route}: for ${typeof may === 'string' ? may : may.join(', ')}`, async (t) => {
    const { node } = t.context;
    for (const [caller, { roles, proof }] of Object.entries(CALLERS)) {
      const { status, body } = await ask(node, route, await proof(node));
      if (may === 'grants') t.is(status, 401, caller);
      else if (may === ANY || may === 'anybody' || may.some((role) => roles.includes(role)))
        t.false([403, 500].includes(status) || (status === 401 && may !== 'anybody'), `${caller}: ${status}`);
      else {
        t.is(status, 403, caller);
        t.regex(body.detail, /takes the role/);
      }
    }
    if (may === 'anybody' || may === 'grants') return;
    for (const [stranger, { proof }] of Object.entries(STRANGERS)) {
      const { status, headers, body } = await ask(node, route, await proof(node));
      t.is(status, 401, stranger);
      t.is(headers.get('www-authenticate'), 'Bearer realm="postern"');
      t.is(body.code, 'unauthorized');
    }
    const told = (await node.events()).filter((event) => event.type === 'api.refused');
    for (const { cause } of Object.values(STRANGERS))
      t.true(
        cause === null || told.some((each) => each.route === pattern && each.cause === cause),
        cause ?? '',
      );
  });
}
