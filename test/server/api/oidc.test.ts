/** People log in by an identity provider: a real one, in a browser that follows redirects and keeps cookies. */
import anyTest, { type TestFn } from 'ava';
import { ClaimsError, principalOfClaims } from '../../../server/api/oidc-principal.ts';
import { CLIENT, type IdentityProvider, startIdentityProvider } from './identity-provider.ts';
import { PeopleNode } from './people-node.ts';

const test = anyTest as TestFn<{ node: PeopleNode; provider: IdentityProvider }>;

/** Where the node is for browsers; what comes there gets to it. */
const ORIGIN = 'https://postern.example';
const ALICE = { sub: 'f81d4fae', groups: ['eng-support', 'everyone'] };

test.before(async (t) => {
  const provider = await startIdentityProvider(`${ORIGIN}/v1/oidc/callback`, ALICE);
  t.context.provider = provider;
  t.context.node = await PeopleNode.start({
    baseUrl: ORIGIN,
    oidc: {
      issuer: provider.issuer,
      ...{ clientId: CLIENT.id, clientSecret: CLIENT.secret },
      map: {
        'eng-support': { teams: ['support'], groups: ['leads'], roles: ['reviewer'] },
        toString: { roles: ['admin'] },
        nobodys: { roles: ['admin'] },
      },
    },
  });
});
test.after.always(async ({ context: { node, provider } }) => {
  await node?.stop();
  provider?.close();
});

class Browser {
  readonly #node: PeopleNode;
  readonly #jars = new Map<string, Map<string, string>>();
  /** All that it has been at. */
  readonly visited: string[] = [];

  constructor(node: PeopleNode) {
    this.#node = node;
  }

  cookies(origin: string): Map<string, string> {
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    this.#jars.set(origin, jar);
    return jar;
  }

  /** Where redirects lead to in the end, or before a page that `until` tells. */
  async open(url: string, until: (url: string) => boolean = () => false): Promise<Response | null> {
    for (let at = url; !until(at); ) {
      this.visited.push(at);
      const response = await this.#fetch(new URL(at));
      const location = response.headers.get('location');
      if (location === null) return response;
      at = new URL(location, at).href;
      if (until(at)) this.visited.push(at);
    }
    return null;
  }

  async #fetch(url: URL): Promise<Response> {
    const jar = this.cookies(url.origin);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const target = url.origin === ORIGIN ? new URL(`${this.#node.url}${url.pathname}${url.search}`) : url;
    const response = await fetch(target, { redirect: 'manual', headers: { cookie } });
    for (const given of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(given) ?? [];
      if (/; Max-Age=0|01 Jan 1970/i.test(given)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }
}

const START = `${ORIGIN}/v1/oidc/login`;
const isCallback = (url: string): boolean => url.startsWith(`${ORIGIN}/v1/oidc/callback`);
const LOGIN = '__Host-postern';

test.serial('groups of the provider become teams, groups and roles; the browser is logged in', async (t) => {
  const { node } = t.context;
  const browser = new Browser(node);
  const page = await browser.open(START);
  t.is(page?.status, 200);
  t.regex((await page?.text()) ?? '', /url=\/"/);
  const asked = new URL(browser.visited[1] as string);
  for (const name of ['state', 'nonce', 'code_challenge'])
    t.true((asked.searchParams.get(name) ?? '').length > 20);
  t.is(asked.searchParams.get('code_challenge_method'), 'S256');
  const cookie = `${LOGIN}=${browser.cookies(ORIGIN).get(LOGIN)}`;
  const { body } = await node.send('GET', '/v1/me', { cookie });
  t.like(body, { id: ALICE.sub, kind: 'person', teams: ['support'], groups: ['leads'] });
  t.deepEqual(body.roles, ['requester', 'reviewer']);
  t.like(
    (await node.events()).find(({ type }) => type === 'api.login'),
    { principal: ALICE.sub, via: 'oidc' },
  );
  const wish = { database: 'shop', reason: 'look at order 17', allow: ['select:public.orders'] };
  const asking = await node.send('POST', '/v1/requests', { cookie, body: wish });
  t.like(asking.body.request, {
    principal: { id: ALICE.sub, teams: ['support'] },
    state: { kind: 'approved' },
  });
  await node.principals.accounts.disable(ALICE.sub, 'the tests');
  t.is((await node.send('GET', '/v1/me', { cookie })).status, 401, 'shut out at once');
  t.is((await new Browser(node).open(START))?.status, 401, 'and not let in again');
});

test.serial('an answer of the provider is good once, in the browser that asked for it', async (t) => {
  const { node, provider } = t.context;
  provider.next = { sub: 'bob' };
  const browser = new Browser(node);
  await browser.open(START, isCallback);
  const answer = browser.visited.at(-1) as string;
  const flow = new Map(browser.cookies(ORIGIN));
  t.is((await new Browser(node).open(answer))?.status, 401, 'in another browser');
  const victim = new Browser(node);
  await victim.open(START, isCallback);
  t.is((await victim.open(answer))?.status, 401, 'where another login is on its way');
  t.false(victim.cookies(ORIGIN).has(LOGIN));
  t.is((await browser.open(answer))?.status, 200);
  for (const [name, value] of flow) browser.cookies(ORIGIN).set(name, value);
  t.is((await browser.open(answer))?.status, 401, 'replayed');
  const told = (await node.events()).filter(
    (event) => event.type === 'api.refused' && event.cause === 'oidc',
  );
  t.true(told.length >= 3);
});

test.serial('what has been changed on the way is refused', async (t) => {
  const { node } = t.context;
  const changes: readonly ((query: URLSearchParams) => void)[] = [
    (query) => query.set('state', 'another'),
    (query) => query.delete('state'),
    (query) => query.set('code', 'another'),
    (query) => query.set('iss', 'https://evil.example'),
    (query) => query.append('code', 'another'),
    (query) => query.set('error', 'access_denied'),
  ];
  for (const change of changes) {
    const browser = new Browser(node);
    await browser.open(START, isCallback);
    const answer = new URL(browser.visited.at(-1) as string);
    change(answer.searchParams);
    t.is((await browser.open(answer.href))?.status, 401, answer.search);
    t.false(browser.cookies(ORIGIN).has(LOGIN));
  }
});

test.serial('nobody takes the name of a local account', async (t) => {
  const { node, provider } = t.context;
  await node.member('root', ['admin']);
  provider.next = { sub: 'root' };
  const browser = new Browser(node);
  t.is((await browser.open(START))?.status, 401);
  t.false(browser.cookies(ORIGIN).has(LOGIN));
});

test('what claims come to', (t) => {
  const roles = (groups: unknown): readonly string[] => {
    const config = {
      ...{ principal: 'sub', groups: 'groups', everybody: { roles: [], teams: [], groups: [] } },
      map: Object.assign(Object.create(null), { dba: { roles: ['admin'], teams: [], groups: [] } }),
    };
    return principalOfClaims(config, { sub: 'a', groups }).roles;
  };
  t.deepEqual(roles(['dba', 'dba']), ['admin']);
  t.deepEqual(roles('dba'), ['admin']);
  for (const groups of [undefined, null, {}, 7, [['dba']], ['toString', 'constructor', '__proto__'], 'DBA'])
    t.deepEqual(roles(groups), [], JSON.stringify(groups));
  const map = Object.create(null);
  const config = {
    principal: 'email',
    groups: 'groups',
    everybody: { roles: [], teams: [], groups: [] },
    map,
  };
  const email = 'Alice@example.org';
  t.is(principalOfClaims(config, { email, email_verified: true }).id, 'alice@example.org');
  for (const claims of [{ email }, { email, email_verified: 'true' }, { email: 7, email_verified: true }, {}])
    t.throws(() => principalOfClaims(config, claims), { instanceOf: ClaimsError });
  t.throws(() => principalOfClaims(config, { email: 'a\nb', email_verified: true }), {
    instanceOf: ClaimsError,
  });
});
