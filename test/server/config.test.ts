import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type Config, loadConfig } from '../../server/config.ts';
import { ConfigError } from '../../server/config-document.ts';

const directory = mkdtempSync(join(tmpdir(), 'postern-config-'));
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const ENV = { POSTERN_SIGNING_KEY: 'k'.repeat(32), SHOP: 'postgresql://postern:s%23cret@db:5433/shop' };
mkdirSync(join(directory, 'tls'));
writeFileSync(join(directory, 'tls/a.pem'), PEM);
writeFileSync(join(directory, 'no.pem'), 'hunter2');
writeFileSync(join(directory, 'secret'), 'from a file\n');
writeFileSync(join(directory, 'empty'), '\n');

let files = 0;
function load(text: string, env: Readonly<Record<string, string>> = ENV): Config {
  files += 1;
  const file = join(directory, `${files}.yaml`);
  writeFileSync(file, text);
  return loadConfig(file, env);
}

function faultsOf(text: string, env?: Readonly<Record<string, string>>): readonly string[] {
  try {
    load(text, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
  }
  return [];
}

const BASE = 'redis: redis://127.0.0.1:6379/0\ndatabases: {shop: {url: env:SHOP}}\n';

test('two keys are enough; the rest has sensible defaults', (t) => {
  const config = load(BASE);
  t.like(config, {
    listen: { host: '127.0.0.1', port: 6432 },
    advertise: { host: '127.0.0.1', port: 6432 },
    tls: null,
    redis: { kind: 'single', url: 'redis://127.0.0.1:6379/0' },
    signingKey: ENV.POSTERN_SIGNING_KEY,
    audit: { spool: join(directory, 'var/audit'), store: null, fsync: 'never' },
    mode: 'enforce',
    messages: [],
    policy: null,
    api: null,
    limits: {
      startupTimeout: 15_000,
      statementBytes: 16 * 2 ** 20,
      messageBytes: 64 * 2 ** 20,
      grace: 10_000,
    },
    keepalive: 60_000,
    drainTimeout: 30_000,
    workers: 'auto',
    logLevel: 'info',
    logStatements: false,
  });
  t.is(config.node, hostname());
});

test('the service role comes out of its URL, undone of escapes', (t) => {
  t.deepEqual(load(BASE).databases.shop, {
    ...{ host: 'db', port: 5433, database: 'shop', user: 'postern', password: 's#cret' },
    tls: { mode: 'verify-full' },
    mode: 'enforce',
    roles: 'service',
    hold: { wait: 300_000, inTransaction: 'wait', transactionWait: 30_000, groups: [] },
  });
});

test('a database is observed where it says so, or where all are and it says nothing else', (t) => {
  const databases =
    'databases: {a: {url: env:SHOP, mode: observe}, b: {url: env:SHOP}, c: {url: env:SHOP, mode: enforce}}';
  const modes = (text: string) =>
    Object.values(load(`redis: redis://h\n${databases}\n${text}`).databases).map(({ mode }) => mode);
  t.deepEqual(modes(''), ['observe', 'enforce', 'enforce']);
  t.deepEqual(modes('mode: observe'), ['observe', 'observe', 'enforce']);
});

test("an operator's messages", (t) => {
  const text =
    'messages: [{actions: [delete], on: [public.orders], databases: [shop], message: " Ask Ann. "}, {hint: "a\\nb"}]';
  const [first, second] = load(`${BASE}${text}`).messages;
  t.deepEqual(first, {
    actions: ['delete'],
    on: ['public.orders'],
    databases: ['shop'],
    message: 'Ask Ann.',
    hint: null,
  });
  t.like(second, { on: ['*'], databases: [], message: null, hint: 'a\nb' });
  t.true(second?.actions.includes('truncate') && second.actions.includes('admin'));
});

test('a database that is not there is undefined, whatever its name', (t) => {
  const { databases } = load(BASE);
  for (const name of ['hr', '__proto__', 'constructor', 'toString']) t.is(databases[name], undefined);
});

test('the whole configuration is frozen', (t) => {
  const config = load(BASE);
  for (const part of [
    config,
    config.listen,
    config.redis,
    config.databases,
    config.databases.shop,
    config.limits,
  ]) {
    t.true(Object.isFrozen(part));
  }
});

const upstreams: readonly (readonly [string, object])[] = [
  ['{url: "postgresql://a:b@127.0.0.1/d"}', { host: '127.0.0.1', port: 5432, tls: { mode: 'disable' } }],
  ['{url: "postgres://a@[::1]:1/d"}', { host: '::1', port: 1, password: null, tls: { mode: 'disable' } }],
  ['{url: "postgresql://a:b@h/d", password: "file:secret"}', { password: 'from a file' }],
  ['{url: "postgresql://a:b@h/d?sslmode=require"}', { tls: { mode: 'require' } }],
  ['{url: "postgresql://a:b@h/d?sslmode=require", tls: {mode: verify-ca}}', { tls: { mode: 'verify-ca' } }],
  ['{url: "postgresql://a:b@h/d", tls: {ca: tls/a.pem}}', { tls: { mode: 'verify-full', ca: PEM } }],
];
for (const [form, expected] of upstreams) {
  test(`upstream ${form}`, (t) => {
    t.like(load(`redis: redis://h\ndatabases: {x: ${form}}`).databases.x, expected);
  });
}

const redises: readonly (readonly [string, unknown])[] = [
  ['env:R', { kind: 'single', url: 'rediss://:pw@h:6380/1' }],
  ['{url: "rediss://h", ca: tls/a.pem}', { kind: 'single', url: 'rediss://h', ca: PEM }],
  ['{url: "redis://h", timeout: 500ms}', { kind: 'single', url: 'redis://h', timeout: 500 }],
  [
    '["a:1", "[::1]:2"]',
    {
      kind: 'cluster',
      nodes: [
        { host: 'a', port: 1 },
        { host: '::1', port: 2 },
      ],
    },
  ],
  [
    '{cluster: ["a:1"], username: u, password: "file:secret", tls: true}',
    { kind: 'cluster', nodes: [{ host: 'a', port: 1 }], username: 'u', password: 'from a file', tls: {} },
  ],
  [
    '{sentinels: ["a:1"], master: m, db: 2}',
    { kind: 'sentinel', nodes: [{ host: 'a', port: 1 }], master: 'm', db: 2 },
  ],
];
for (const [form, expected] of redises) {
  test(`redis: ${form}`, (t) => {
    const text = `redis: ${form}\ndatabases: {shop: {url: env:SHOP}}`;
    t.deepEqual<unknown, unknown>(load(text, { ...ENV, R: 'rediss://:pw@h:6380/1' }).redis, expected);
  });
}

test('what listens on the network needs TLS; with it, it may', (t) => {
  t.deepEqual(faultsOf(`${BASE}listen: 0.0.0.0:6432\napi: {listen: "[::]:80"}`), [
    '3:1 listen: is open to the network, which needs tls (cert and key)',
    '4:7 api.listen: is open to the network, which needs tls (cert and key)',
  ]);
  const config = load(`${BASE}listen: 0.0.0.0:6432\ntls: {cert: tls/a.pem, key: file:tls/a.pem}`);
  t.deepEqual(config.tls, { cert: PEM, key: PEM });
  t.deepEqual(config.advertise, { host: hostname(), port: 6432 });
});

for (const host of ['127.0.0.1', '127.3.2.1', '[::1]', 'localhost']) {
  test(`${host} is this machine`, (t) => t.is(load(`${BASE}listen: "${host}:1"`).listen.port, 1));
}
for (const host of ['0.0.0.0', '[::]', '10.0.0.1', '127.evil.example', 'localhost.example', '128.0.0.1']) {
  test(`${host} is not this machine`, (t) =>
    t.regex(faultsOf(`${BASE}listen: "${host}:1"`)[0]!, /needs tls/));
}

const FLY =
  '3:23 messages.0.actions.0: is none of select, insert, update, delete, truncate, create, alter, drop, export, execute, admin';
const faulty: readonly (readonly [string, string])[] = [
  ['colour: red', '3:1 colour: is not a known key'],
  ['audit: {\n  spoool: x}', '4:3 audit.spoool: is not a known key'],
  [
    'audit: {store: "mysql://u:hunter2@h/d"}',
    '3:9 audit.store.url: is not a URL such as postgresql://role:password@host:5432/database',
  ],
  [
    'audit: {store: {url: env:SHOP, schema: "a b"}}',
    '3:32 audit.store.schema: is not a name of lower-case letters, digits and underscores',
  ],
  ['listen: 6432', '3:1 listen: is not a string'],
  ['listen: localhost', '3:1 listen: is not an address such as 127.0.0.1:6432 or [::1]:6432'],
  ['listen: "::1:6432"', '3:1 listen: is not an address such as 127.0.0.1:6432 or [::1]:6432'],
  ['listen: "127.0.0.1:65536"', '3:1 listen: is not an address such as 127.0.0.1:6432 or [::1]:6432'],
  ['limits: {grace: 10}', '3:10 limits.grace: is not a duration such as 500ms, 30s, 15m, 2h or 1d'],
  ['limits: {grace: 10y}', '3:10 limits.grace: is not a duration such as 500ms, 30s, 15m, 2h or 1d'],
  [
    'limits: {messageBytes: 5 apples}',
    '3:10 limits.messageBytes: is not a size such as 64MiB, or a number of bytes',
  ],
  [
    'limits: {messageBytes: -1}',
    '3:10 limits.messageBytes: is not a size such as 64MiB, or a number of bytes',
  ],
  ['workers: 0', '3:1 workers: is neither auto nor a number from 1 to 1024'],
  ['tls: {cert: tls/a.pem}', '3:1 tls.key: is missing'],
  ['tls: {cert: tls/a.pem, key: gone.pem}', "3:24 tls.key: can't read the file it names (ENOENT)"],
  ['tls: {cert: tls/a.pem, key: no.pem}', '3:24 tls.key: is not in PEM form'],
  ['signingKey: env:NOPE', '3:1 signingKey: the environment variable NOPE is not set'],
  ['signingKey: file:empty', '3:1 signingKey: the file it names is empty'],
  ['signingKey: ""', '3:1 signingKey: is empty'],
  ['redis: x', '3:1 : duplicate key'],
  ['mode: watch', '3:1 mode: Invalid option: expected one of "enforce"|"observe"'],
  ['messages: [{}]', '3:12 messages.0: has neither a message nor a hint'],
  ['messages: [{on: [], hint: x}]', '3:13 messages.0.on: names nothing'],
  ['messages: [{on: ["!a.b"], hint: x}]', '3:13 messages.0.on: names nothing'],
  ['messages: [{actions: [fly], hint: x}]', FLY],
  [
    'messages: [{hint: x, databases: [shop, shup]}]',
    '3:40 messages.0.databases.1: is not the name of a database of this file',
  ],
  [`messages: [{hint: ${'x'.repeat(501)}}]`, '3:13 messages.0.hint: is longer than 500 characters'],
  ['messages: [{hint: "\\e[2J"}]', '3:13 messages.0.hint: has control characters'],
  ['messages: [{message: "\\u202e"}]', '3:13 messages.0.message: has control characters'],
];
for (const [line, fault] of faulty) {
  test(`fault: ${line}`, (t) => t.deepEqual(faultsOf(`${BASE}${line}\n`), [fault]));
}

const faultyUpstreams: (readonly [string, string])[] = [
  ['{}', 'databases.x.url: is missing'],
  [
    '{url: "mysql://u:hunter2@h/d"}',
    'databases.x.url: is not a URL such as postgresql://role:password@host:5432/database',
  ],
  [
    '{url: "postgresql://h/d"}',
    'databases.x.url: lacks a part of a URL such as postgresql://role:password@host:5432/database',
  ],
  ['{url: "postgresql://u:p%zz@h/d"}', 'databases.x.url: has a % that is not followed by two hex digits'],
  ['{url: "postgresql://u@h/d?options=-c"}', 'databases.x.url: has a parameter other than sslmode'],
  [
    '{url: "postgresql://u@h/d?sslmode=prefer"}',
    'databases.x.url: has an sslmode that is not one of disable, require, verify-ca, verify-full',
  ],
  ['{url: env:SHOP, tls: {cert: tls/a.pem}}', 'databases.x.tls: cert and key go together'],
  [
    '{url: env:SHOP, mode: observe, roles: ephemeral}',
    'databases.x.roles: is not service, and a role of its own refuses what observing lets pass: one or the other',
  ],
];
for (const [hold, fault] of [
  ['wait: 5', 'hold.wait: is not a duration such as 500ms, 30s, 15m, 2h or 1d'],
  ['wait: 0s', 'hold.wait: is not between 1ms and 1d'],
  ['transactionWait: 2d', 'hold.transactionWait: is not between 1ms and 1d'],
  ['inTransaction: never', 'hold.inTransaction: Invalid option: expected one of "wait"|"deny"'],
  ['waits: 5m', 'hold.waits: is not a known key'],
] as const)
  faultyUpstreams.push([`{url: env:SHOP, hold: {${hold}}}`, `databases.x.${fault}`]);
for (const [form, fault] of faultyUpstreams) {
  test(`fault: databases: {x: ${form}}`, (t) => {
    const [first, ...more] = faultsOf(`redis: redis://h\ndatabases: {x: ${form}}\n`);
    t.is(first?.replace(/^\d+:\d+ /, ''), fault);
    t.deepEqual(more, []);
  });
}

test('all faults of all kinds are told at once, in their order, and none tells a secret', (t) => {
  const text = `listen: 0.0.0.0:1
redis: http://:hunter2@h
colour: hunter2
databases:
  a: {url: "mysql://u:hunter2@h/d", tls: {ca: gone.pem}}
  b: {password: hunter2}
audit: {fsync: hunter2}
signingKey: hunter2
`;
  const faults = faultsOf(text);
  t.deepEqual(
    faults.map((fault) => fault.slice(0, fault.indexOf(': '))),
    [
      ...['1:1 listen', '2:1 redis', '3:1 colour', '5:7 databases.a.url', '5:43 databases.a.tls.ca'],
      ...['6:3 databases.b.url', '7:9 audit.fsync', '8:1 signingKey'],
    ],
  );
  t.false(faults.join('\n').includes('hunter2'));
});

test('broken YAML is told with its place, without quoting it', (t) => {
  const faults = faultsOf('redis: [hunter2\ndatabases: x');
  t.regex(faults[0]!, /^\d+:\d+ : /);
  t.false(faults.join('\n').includes('hunter2'));
});

for (const text of ['', '# nothing\n', '[]', 'text', '~']) {
  test(`a file that is ${JSON.stringify(text)} is refused`, (t) => t.true(faultsOf(text).length > 0));
}

test('aliases that multiply are refused', (t) => {
  const bomb = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`).join(
    '\n',
  );
  t.true(faultsOf(`${BASE}a0: &a0 x\n${bomb}\n`).length > 0);
});

test('a missing file is told with what to do', (t) => {
  const error = t.throws(() => loadConfig(join(directory, 'gone.yaml'), ENV), { instanceOf: ConfigError });
  t.regex(error.message, /can't be read \(ENOENT\); name it with --config or POSTERN_CONFIG/);
});

test('a missing signing key names the variable to set', (t) => {
  t.deepEqual(faultsOf(BASE, { SHOP: ENV.SHOP }), [
    '1:1 signingKey: the environment variable POSTERN_SIGNING_KEY is not set',
  ]);
});
