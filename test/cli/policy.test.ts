import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';

const EXAMPLE = 'deploy/policy.example.yaml';
const directory = mkdtempSync(join(tmpdir(), 'postern-policy-'));
test.after.always(() => rmSync(directory, { recursive: true }));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const postern = (...args: readonly string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile('bin/postern', ['policy', ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });

test('a policy that holds', async (t) => {
  const { code, stdout } = await postern('check', EXAMPLE);
  t.is(code, 0);
  t.regex(stdout, /^ok: revision [0-9a-f]{12}, 6 rules, 5 tests\n$/);
});

test('a policy whose test fails', async (t) => {
  const file = join(directory, 'fails.yaml');
  writeFileSync(
    file,
    `version: 1
rules:
  - name: nobody
    deny: no
tests:
  - name: somebody
    request: { principal: { id: a }, database: d, allow: ['select:public.orders'] }
    expect: review
`,
  );
  const { code, stdout } = await postern('check', file);
  t.is(code, 1);
  t.regex(stdout, /FAIL {2}somebody \(line 6\)\n +the outcome is "deny", not "review"/);
  const { tests } = JSON.parse((await postern('check', file, '--json')).stdout);
  t.like(tests[0], { name: 'somebody', line: 6 });
});

test('a file with a fault, and none', async (t) => {
  const file = join(directory, 'bad.yaml');
  writeFileSync(file, 'version: 1\nrules:\n  - name: x\n    allow: all\n');
  const bad = await postern('check', file);
  t.is(bad.code, 2);
  t.regex(bad.stderr, /bad\.yaml:4:5 rules\.0\.allow: is not a known key/);
  const none = await postern('check', join(directory, 'none.yaml'));
  t.is(none.code, 2);
  t.regex(none.stderr, /ENOENT/);
});

test('what somebody may ask for', async (t) => {
  const { code, stdout } = await postern('show', EXAMPLE, '--as', 'alice', '--team', 'analytics', '--json');
  t.is(code, 0);
  const { rules } = JSON.parse(stdout);
  t.deepEqual(
    rules.map(({ rule }: { rule: string }) => rule),
    ['emergencies of those on call', 'analysts read what is not personal'],
  );
  t.like(rules[1], { outcome: 'auto_approve', ttl: 7_200_000, allow: ['select:public.*'] });
  t.regex(
    (await postern('show', EXAMPLE, '--as', 'bot', '--kind', 'agent')).stdout,
    /agents get little +review/,
  );
});
