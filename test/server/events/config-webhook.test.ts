import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Config, loadConfig } from '../../../server/config.ts';
import { ConfigError } from '../../../server/config-document.ts';
import { receiverOf, receiversOf } from '../../../server/events/receiver.ts';
import { secretOf } from './receiver.ts';

const SECRET = secretOf(1);
const URL = 'https://chat.example/hooks';

function load(t: ExecutionContext, more: object): Config {
  const directory = mkdtempSync(join(tmpdir(), 'postern-webhooks-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'postern.yaml');
  const config = {
    ...{ redis: 'redis://127.0.0.1/0', signingKey: 'a signing key of the tests, long enough' },
    databases: { shop: { url: 'postgresql://postern@127.0.0.1/shop' } },
    ...more,
  };
  writeFileSync(file, JSON.stringify(config));
  return loadConfig(file);
}

test('without a type a receiver is told everything, and no more of it than it asks for', (t) => {
  const config = load(t, { webhooks: [{ url: URL, secret: SECRET }] });
  const [receiver] = config.webhooks;
  t.deepEqual(receiver, { url: URL, secrets: [SECRET], types: null, details: false, sql: false });
  t.deepEqual(receiversOf(config), config.webhooks);
  t.deepEqual(load(t, {}).webhooks, []);
});

test('risk.webhook is a receiver of what is about risk; another secret leaves its queue', (t) => {
  const both = load(t, { risk: { webhook: { url: URL, secret: [secretOf(2), SECRET] } } });
  const [receiver] = receiversOf(both);
  t.deepEqual(receiver?.types, ['risk.alarm', 'risk.drift']);
  t.deepEqual(receiver?.secrets, [secretOf(2), SECRET]);
  const [before] = receiversOf(load(t, { risk: { webhook: { url: URL, secret: SECRET } } }));
  t.is(receiverOf(receiver!), receiverOf(before!));
});

const twice = [
  { url: URL, secret: SECRET },
  { url: URL, secret: SECRET },
];
const FAULTS: readonly (readonly [string, object, RegExp])[] = [
  ['no such type', { webhooks: [{ url: URL, secret: SECRET, types: ['grant.made'] }] }, /is not a type/],
  ['no type at all', { webhooks: [{ url: URL, secret: SECRET, types: [] }] }, /names no type/],
  ['no secret', { webhooks: [{ url: URL }] }, /secret/],
  ['none of several', { webhooks: [{ url: URL, secret: [] }] }, /secret: names none/],
  [
    'one of several that is none',
    { webhooks: [{ url: URL, secret: [SECRET, 'whsec_x'] }] },
    /webhooks\.0\.secret\.1: is not whsec_/,
  ],
  ['in the clear', { webhooks: [{ url: 'http://chat.example/', secret: SECRET }] }, /is not https/],
  ['one address twice', { webhooks: twice }, /webhooks\.1\.url: is the address of another/],
  [
    'that of risk.webhook',
    { webhooks: [{ url: URL, secret: SECRET }], risk: { webhook: { url: URL, secret: SECRET } } },
    /webhooks\.0\.url: is the address of another/,
  ],
];
for (const [what, config, message] of FAULTS)
  test(`refused: ${what}`, (t) => {
    const { message: told } = t.throws(() => load(t, config), { instanceOf: ConfigError, message });
    t.notRegex(told, /whsec_[A-Za-z0-9]{5}/, 'no secret is quoted');
  });
