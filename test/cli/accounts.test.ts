/** `postern account` and `postern token`, run as people run them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { isPassword } from '../../access/accounts/password.ts';
import { connectPrincipals, type Principals } from '../../access/accounts/principals.ts';
import { Fixture, SIGNING_KEY } from '../access/fixture.ts';
import { type Result, runPostern } from './run-postern.ts';

const test = anyTest as TestFn<{ fixture: Fixture; principals: Principals; directory: string }>;

test.before(async (t) => {
  const fixture = await Fixture.start();
  const directory = mkdtempSync(join(tmpdir(), 'postern-accounts-'));
  const { url } = fixture.redis;
  const databases = { shop: { url: 'postgresql://postern:hunter2@127.0.0.1/shop' } };
  writeFileSync(
    join(directory, 'postern.yaml'),
    JSON.stringify({ redis: url, signingKey: SIGNING_KEY, databases }),
  );
  const redis = { kind: 'single', url, timeout: 20_000 } as const;
  const principals = connectPrincipals({ redis, signingKey: SIGNING_KEY, record: () => {} });
  Object.assign(t.context, { fixture, directory, principals });
});
test.after.always(async ({ context: { fixture, principals, directory } }) => {
  principals?.close();
  await fixture?.stop();
  if (directory !== undefined) rmSync(directory, { recursive: true });
});

const postern = (directory: string, args: readonly string[], input?: string): Promise<Result> =>
  runPostern(args, { POSTERN_CONFIG: join(directory, 'postern.yaml') }, input);

test('the first admin is made by whoever has the configuration; passwords are piped in, or made up', async (t) => {
  const { directory, principals } = t.context;
  const { accounts } = principals;
  const made = await postern(directory, [
    'account',
    'add',
    'root',
    '--role',
    'admin',
    '--generate',
    '--json',
  ]);
  t.is(made.status, 0, made.stderr);
  const { password, ...shown } = JSON.parse(made.stdout);
  t.like(shown, { id: 'root', roles: ['admin'], disabled: false });
  t.true(await isPassword(password, await accounts.passwordOf('root')));
  const piped = ['account', 'add', 'alice', '--role', 'requester', '--team', 'support', '--group', 'leads'];
  const added = await postern(directory, piped, 'a password of hers\n');
  t.is(added.status, 0, added.stderr);
  t.false(added.stdout.includes('of hers'));
  t.true(await isPassword('a password of hers', await accounts.passwordOf('alice')));
  t.like(await accounts.get('alice'), { roles: ['requester'], teams: ['support'], groups: ['leads'] });
  const short = await postern(directory, ['account', 'add', 'bob', '--role', 'admin'], 'short\n');
  t.is(short.status, 2);
  t.regex(short.stderr, /12 to 256 characters/);
});

test('a token is printed once, listed without its secret, and revoked', async (t) => {
  const { directory, principals } = t.context;
  const create = [
    'token',
    'create',
    '--for',
    'helper',
    '--kind',
    'agent',
    '--acts-for',
    'alice',
    '--db',
    'shop',
  ];
  const made = await postern(directory, [...create, '--ttl', '1h', '--json']);
  t.is(made.status, 0, made.stderr);
  const { token, secret } = JSON.parse(made.stdout);
  t.like((await principals.tokens.find(secret)) as object, {
    ...{ kind: 'live', token: { principal: 'helper', kind: 'agent', actsFor: 'alice', databases: ['shop'] } },
  });
  const [listed, revoked] = [
    await postern(directory, ['token', 'list']),
    await postern(directory, ['token', 'revoke', token.id]),
  ];
  t.regex(listed.stdout, new RegExp(`${token.id} +agent helper, for alice +requester +shop +in `));
  t.false(listed.stdout.includes(secret));
  t.is(revoked.status, 0, revoked.stderr);
  t.is((await principals.tokens.find(secret)).kind, 'revoked');
});
