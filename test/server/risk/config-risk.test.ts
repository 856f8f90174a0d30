import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../../server/config.ts';
import { ConfigError } from '../../../server/config-document.ts';
import { type RiskConfig, thresholdsOf } from '../../../server/config-risk.ts';

function load(t: ExecutionContext, risk: unknown): RiskConfig | null {
  const directory = mkdtempSync(join(tmpdir(), 'postern-config-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'postern.yaml');
  const config = {
    redis: 'redis://127.0.0.1/0',
    signingKey: 'a signing key of the tests, long enough',
    databases: { shop: { url: 'postgresql://postern@127.0.0.1/shop' } },
    ...(risk !== undefined && { risk }),
  };
  writeFileSync(file, JSON.stringify(config));
  return loadConfig(file).risk;
}

test('without the key nothing is scored; with it, what is unusual is flagged and no more', (t) => {
  t.is(load(t, undefined), null);
  const risk = load(t, {});
  t.is(risk?.model, 'builtin');
  t.is(risk?.onFailure, 'allow');
  t.deepEqual(risk?.thresholds, { flag: 'auto', hold: null, end: null });
});

test('a database has thresholds of its own, a team goes before it, of several teams the strictest', (t) => {
  const risk = load(t, {
    thresholds: { flag: 0.8, hold: 0.95, end: 0.99 },
    databases: { shop: { thresholds: { hold: 0.9 } } },
    teams: {
      support: { thresholds: { flag: 0.7 } },
      interns: { thresholds: { flag: 0.5, end: 0.95 } },
      dba: { thresholds: { end: null } },
    },
  });
  if (risk === null) return t.fail();
  t.deepEqual(thresholdsOf(risk, 'other', []), { flag: 0.8, hold: 0.95, end: 0.99 });
  t.deepEqual(thresholdsOf(risk, 'shop', ['unknown']), { flag: 0.8, hold: 0.9, end: 0.99 });
  t.deepEqual(thresholdsOf(risk, 'shop', ['support', 'interns']), { flag: 0.5, hold: 0.9, end: 0.95 });
  t.is(thresholdsOf(risk, 'shop', ['dba']).end, null);
  t.is(thresholdsOf(risk, 'shop', ['dba', 'interns']).end, 0.95);
});

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;

test('a webhook is told over TLS, or in the clear where that was asked for by name', (t) => {
  const webhook = (url: string, plain: readonly string[] = []) =>
    load(t, { webhook: { url, secret: SECRET, plain } })?.webhook?.url;
  t.is(webhook('https://alerts.example/x'), 'https://alerts.example/x');
  t.is(webhook('http://127.0.0.1:9/x'), 'http://127.0.0.1:9/x');
  t.is(webhook('http://alerts.internal/', ['alerts.internal']), 'http://alerts.internal/');
  t.is(load(t, {})?.webhook, null);
});

const FAULTS: readonly (readonly [string, unknown, RegExp])[] = [
  [
    'a score past 1',
    { thresholds: { flag: 2 } },
    /risk\.thresholds\.flag: is neither auto, nor null, nor a score from 0 to 1/,
  ],
  ['ending before holding', { thresholds: { hold: 0.9, end: 0.8 } }, /do not ascend/],
  [
    'a team that flags past the end',
    { thresholds: { end: 0.95 }, teams: { a: { thresholds: { flag: 0.99 } } } },
    /team a/,
  ],
  [
    'a webhook in the clear',
    { webhook: { url: 'http://alerts.example/x', secret: SECRET } },
    /risk\.webhook\.url: is not https/,
  ],
  [
    'a webhook to where clouds keep credentials',
    { webhook: { url: 'http://169.254.169.254/latest', secret: SECRET, plain: ['169.254.169.254'] } },
    /risk\.webhook\.url: is an address of no host/,
  ],
  [
    'the same in another spelling',
    { webhook: { url: 'https://0xa9fea9fe/latest', secret: SECRET } },
    /is an address of no host/,
  ],
  [
    'the same as IPv6',
    { webhook: { url: 'https://[::ffff:169.254.169.254]/', secret: SECRET } },
    /is an address of no host/,
  ],
  [
    'a webhook with a password',
    { webhook: { url: 'https://a:b@alerts.example/', secret: SECRET } },
    /has a user or a password/,
  ],
  ['a file as a webhook', { webhook: { url: 'file:///etc/passwd', secret: SECRET } }, /webhook\.url/],
  [
    'a short secret',
    { webhook: { url: 'https://alerts.example/', secret: 'whsec_c2hvcnQ=' } },
    /risk\.webhook\.secret: is not whsec_/,
  ],
  ['an unknown key', { limits: 1 }, /risk\.limits: is not a known key/],
  ['another failure', { onFailure: 'ignore' }, /risk\.onFailure/],
];
for (const [what, risk, message] of FAULTS)
  test(`refused: ${what}`, (t) => {
    const fault = t.throws(() => load(t, risk), { instanceOf: ConfigError });
    t.regex(fault?.message ?? '', message);
  });
