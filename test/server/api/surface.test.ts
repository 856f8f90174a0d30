/** What a scanner tries on every route and page: headers, methods, bodies, forgeries, reflections. */
import anyTest, { type TestFn } from 'ava';
import { PeopleNode } from './people-node.ts';

interface Context {
  readonly node: PeopleNode;
  /** `POST /v1/login` */
  readonly routes: readonly string[];
}
const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const node = await PeopleNode.start();
  const { body } = await node.send('GET', '/v1/openapi.json');
  const paths = Object.entries(body.paths as Record<string, object>);
  const routes = paths.flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace('{id}', 'z9999999')}`),
  );
  Object.assign(t.context, { node, routes });
  await node.member('root', ['requester', 'reviewer', 'auditor', 'admin']);
});
test.after.always(({ context }) => context.node?.stop());

const PAGES = [
  '/',
  '/sign-in',
  '/sessions/z9999999',
  '/trail',
  '/docs',
  '/docs/static/swagger-initializer.js',
];
const MARK = `"><script>alert(9)</script>`;
const SAFE_TYPES =
  /^(application\/(problem\+)?json|text\/(html|event-stream|csv)|application\/(x-ndjson|javascript))/;

test('every route and page says what browsers may make of it, and nothing of what it runs on', async (t) => {
  const { node, routes } = t.context;
  const cookie = await node.cookie('root');
  const gets = routes.filter((route) => route.startsWith('GET ')).map((route) => route.slice(4));
  for (const path of [...gets, ...PAGES, '/nothing', '/v1/nothing', '/assets/nothing.js', '/.env', '/v1'])
    for (const sent of [{}, { cookie }]) {
      const { status, headers, body } = await node.send('GET', path, sent);
      const policy = headers.get('content-security-policy') ?? '';
      t.regex(policy, /default-src 'none'/, path);
      t.regex(policy, /frame-ancestors 'none'/, path);
      t.notRegex(policy, /unsafe|\*|https?:/, path);
      t.is(headers.get('x-content-type-options'), 'nosniff', path);
      t.is(headers.get('referrer-policy'), 'no-referrer', path);
      t.is(headers.get('cache-control'), 'no-store', path);
      t.regex(headers.get('content-type') ?? '', SAFE_TYPES, path);
      for (const name of ['server', 'x-powered-by', 'access-control-allow-origin'])
        t.is(headers.get(name), null, path);
      if (status >= 400)
        t.deepEqual(Object.keys(body), ['type', 'title', 'status', 'detail', 'code', 'hint'], path);
      t.not(status, 500, path);
      // Scripts and styles are files: nothing in a page is run.
      if (typeof body === 'string')
        t.notRegex(body, /<script(?![^>]*\ssrc=)|\son\w+=|javascript:|<style/i, path);
    }
});

test('what a request says comes back in no refusal, header or page', async (t) => {
  const { node, routes } = t.context;
  const token = await node.token(['requester', 'reviewer', 'auditor', 'admin']);
  const mark = encodeURIComponent(MARK);
  const headers = { 'x-forwarded-host': 'evil.example', 'user-agent': MARK, referer: `http://a/${mark}` };
  for (const route of routes) {
    const [method = '', path = ''] = route.split(' ');
    const body = method === 'GET' ? {} : { body: { [MARK]: MARK, id: MARK } };
    const marked = [`${path}?${mark}=${mark}`, path.replace('z9999999', mark), `${path}/${mark}`];
    for (const target of marked.filter((each) => each !== path)) {
      const answer = await node.send(method, target, { token, headers, ...body });
      t.true(answer.status < 500, `${method} ${target}: ${answer.status}`);
      t.regex(answer.headers.get('content-type') ?? '', /^application\/(problem\+)?json/);
      // An account may have any name, and is answered by it: as JSON, which no browser runs.
      if (answer.status >= 400) t.false(JSON.stringify(answer.body).includes('<script>'), target);
      t.false(JSON.stringify([...answer.headers]).includes('evil.example'), target);
    }
  }
  for (const path of PAGES)
    t.notRegex(
      String((await node.send('GET', `${path}?${mark}`, { headers })).body),
      /alert\(9\)|evil\.example/,
      path,
    );
});

test('methods that no route has, and bodies that are no JSON, come to nothing', async (t) => {
  const { node, routes } = t.context;
  const cookie = await node.cookie('root');
  for (const method of ['DELETE', 'PATCH', 'PUT', 'OPTIONS', 'PROPFIND'])
    for (const path of ['/v1/me', '/v1/accounts', '/v1/events', '/v1/stream', '/', '/docs']) {
      const { status, headers } = await node.send(method, path, {
        cookie,
        headers: { origin: 'https://evil.example' },
      });
      t.is(status, 404, `${method} ${path}`);
      t.is(headers.get('access-control-allow-methods'), null);
    }
  const bodies: Readonly<Record<string, string>> = {
    'text/plain': '{"account":"root"}',
    'application/x-www-form-urlencoded': 'account=root',
    'multipart/form-data; boundary=x': '--x--',
    'application/xml': '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    'application/json': '{"__proto__":{"roles":["admin"]}}',
    'application/json; charset=utf-8': '{"account":',
  };
  // It would do all that a GET does.
  for (const path of ['/v1/stream', '/v1/events/export'])
    t.is((await fetch(`${node.url}${path}`, { method: 'HEAD', headers: { cookie } })).status, 404);
  for (const route of routes.filter((each) => !each.startsWith('GET ')))
    for (const [type, body] of Object.entries(bodies)) {
      const [method = '', path = ''] = route.split(' ');
      const headers = { cookie, 'postern-csrf': '1', 'content-type': type };
      const response = await fetch(`${node.url}${path}`, { method, headers, body });
      const expected = path === '/v1/risk/score' || path === '/v1/triage' ? [401] : [400, 415];
      t.true(expected.includes(response.status), `${route} ${type}: ${response.status}`);
      t.notRegex(await response.text(), /passwd|proto/);
    }
});

test('what changes something is taken from no other page', async (t) => {
  const { node, routes } = t.context;
  const changes = routes.filter(
    (route) => !route.startsWith('GET ') && !/login|bootstrap|score|triage/.test(route),
  );
  t.true(changes.length > 20);
  const forged: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'without the header': { 'postern-csrf': '' },
    'from another origin': { origin: 'https://evil.example' },
    'from no origin': { origin: 'null' },
    'from another site': { 'sec-fetch-site': 'cross-site' },
    'from a sister site': { 'sec-fetch-site': 'same-site' },
  };
  for (const route of changes)
    for (const [how, headers] of Object.entries(forged)) {
      const [method = '', path = ''] = route.split(' ');
      const { 'postern-csrf': csrf = '1', ...others } = headers;
      const response = await fetch(`${node.url}${path}`, {
        method,
        headers: {
          ...{ cookie: await node.cookie('root'), 'content-type': 'application/json', ...others },
          ...(csrf !== '' && { 'postern-csrf': csrf }),
        },
        body: '{}',
      });
      t.is(response.status, 403, `${route} ${how}`);
    }
});

test('no path leads out of what is served', async (t) => {
  const { node } = t.context;
  for (const path of [
    '/assets/..%2f..%2f..%2fpackage.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/....//....//package.json',
    '/docs/static/..%2f..%2fpackage.json',
    '/docs/static/%2e%2e%5c%2e%2e%5cpackage.json',
    '/v1/sessions/..%2f..%2fv1%2faccounts',
    '//evil.example/%2e%2e',
    '/%00',
  ]) {
    const { status, headers, body } = await node.send('GET', path);
    t.true(status >= 400 && status < 500, `${path}: ${status}`);
    t.is(headers.get('location'), null);
    t.notRegex(JSON.stringify(body), /"dependencies"/, path);
  }
});
