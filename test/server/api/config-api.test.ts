import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type Config, loadConfig } from '../../../server/config.ts';
import type { ApiConfig } from '../../../server/config-api.ts';
import { ConfigError } from '../../../server/config-document.ts';

const directory = mkdtempSync(join(tmpdir(), 'postern-config-api-'));
test.after.always(() => rmSync(directory, { recursive: true }));

let files = 0;
function load(api: object): Config {
  const file = join(directory, `${++files}.yaml`);
  const rest = {
    redis: 'redis://h',
    signingKey: 'x'.repeat(32),
    databases: { shop: { url: 'postgresql://a:b@h/d' } },
  };
  writeFileSync(file, JSON.stringify({ ...rest, api: { listen: '127.0.0.1:0', ...api } }));
  return loadConfig(file, { SECRET: 'of the client' });
}

const loaded = (api: object): ApiConfig => load(api).api as ApiConfig;

const OIDC = { issuer: 'https://login.example', clientId: 'postern' };
const baseUrl = 'https://postern.example';

test('what is not said of agents stays tight, and nobody is on call', (t) => {
  const api = loaded({ agents: { limits: { rows: 5 } } });
  t.like(api.agents, { ttl: 900_000, limits: { rows: 5, statements: 500, connections: 2 } });
  t.deepEqual([api.onCall, api.oidc, api.baseUrl], [[], null, null]);
  t.deepEqual(api.logins, { idle: 1_800_000, absolute: 43_200_000 });
});

test('an identity provider gives everybody the role requester, and more only by what is mapped', (t) => {
  const map = { constructor: { roles: ['admin'] } };
  const { oidc } = loaded({ baseUrl, oidc: { ...OIDC, clientSecret: 'env:SECRET', map } });
  t.like(oidc, { principal: 'sub', groups: 'groups', clientSecret: 'of the client' });
  t.deepEqual(oidc?.everybody, { roles: ['requester'], teams: [], groups: [] });
  t.deepEqual(Object.keys(oidc?.map ?? {}), ['constructor']);
  t.is(oidc?.map.toString, undefined as never);
});

const wrong: readonly (readonly [object, RegExp])[] = [
  [{ oidc: OIDC }, /api\.baseUrl: is missing, and oidc needs it/],
  [{ baseUrl: 'https://postern.example/path' }, /baseUrl: is not an origin/],
  [{ baseUrl: 'postern.example' }, /baseUrl: is not an origin/],
  [{ baseUrl, oidc: { ...OIDC, issuer: 'http://login.example' } }, /issuer: is not https/],
  [{ baseUrl, oidc: { ...OIDC, issuer: 'login.example' } }, /issuer: is not a URL/],
  [{ baseUrl, oidc: { ...OIDC, scope: 'profile' } }, /scope: lacks openid/],
  [{ baseUrl, oidc: { ...OIDC, map: { dba: { roles: ['root'] } } } }, /map\.dba\.roles/],
  [{ baseUrl, oidc: { ...OIDC, map: { dba: { role: ['admin'] } } } }, /is not a known key/],
  [{ agents: { limits: { rows: -1 } } }, /agents\.limits\.rows/],
  [{ logins: { idle: 'forever' } }, /logins\.idle: is not a duration/],
];
for (const [api, expected] of wrong)
  test(`refused: ${JSON.stringify(api)}`, (t) => {
    t.regex(t.throws(() => load(api), { instanceOf: ConfigError }).message, expected);
  });
