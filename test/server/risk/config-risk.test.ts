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
  ['an unknown key', { limits: 1 }, /risk\.limits: is not a known key/],
  ['another failure', { onFailure: 'ignore' }, /risk\.onFailure/],
];
for (const [what, risk, message] of FAULTS)
  test(`refused: ${what}`, (t) => {
    const fault = t.throws(() => load(t, risk), { instanceOf: ConfigError });
    t.regex(fault?.message ?? '', message);
  });
