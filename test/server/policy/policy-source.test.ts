/** The policy follows its file: every way of writing one, and no half of one. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { ConfigError } from '../../../server/config-document.ts';
import { parsePolicy } from '../../../server/policy/policy-file.ts';
import { PolicySource } from '../../../server/policy/policy-source.ts';

const policy = (ttl: string): string => `version: 1
rules:
  - name: reads
    auto_approve: { allow: ['select:public.*'], ttl: ${ttl} }
`;
const revisionOf = (text: string): string => parsePolicy('p', text).policy.revision;

function directoryOf(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'postern-policy-source-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function open(t: ExecutionContext, file: string | null) {
  const taken: string[] = [];
  const refused: string[] = [];
  const source = new PolicySource(file, {
    taken: ({ revision }) => taken.push(revision),
    refused: (fault) => refused.push(fault),
  });
  t.teardown(() => source.close());
  return { source, taken, refused };
}

async function until(met: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 1_200 && !met(); attempt++) await sleep(25);
  if (!met()) throw new Error('it does not come to that');
}

test('without a file everything is reviewed; with one that is wrong there is no start', (t) => {
  t.deepEqual(open(t, null).source.current.rules, []);
  const file = join(directoryOf(t), 'policy.yaml');
  t.throws(() => open(t, file), { instanceOf: ConfigError });
  writeFileSync(file, policy('never'));
  t.throws(() => open(t, file), { instanceOf: ConfigError, message: /4:/ });
});

test('a file that is written, replaced, or taken away and put back is followed', async (t) => {
  const file = join(directoryOf(t), 'policy.yaml');
  writeFileSync(file, policy('1m'));
  const { source, taken } = open(t, file);
  const ways: readonly (readonly [string, (text: string) => void])[] = [
    ['2m', (text) => writeFileSync(file, text)],
    [
      '3m',
      (text) => {
        writeFileSync(`${file}.new`, text);
        renameSync(`${file}.new`, file);
      },
    ],
    [
      '4m',
      (text) => {
        unlinkSync(file);
        writeFileSync(file, text);
      },
    ],
  ];
  for (const [ttl, write] of ways) {
    write(policy(ttl));
    await until(() => source.current.revision === revisionOf(policy(ttl)));
  }
  t.deepEqual(
    taken,
    ways.map(([ttl]) => revisionOf(policy(ttl))),
  );
});

test('a link that is turned to another directory is followed, as containers are given their files', async (t) => {
  const directory = directoryOf(t);
  for (const [name, ttl] of [
    ['a', '1m'],
    ['b', '2m'],
  ] as const) {
    mkdirSync(join(directory, name));
    writeFileSync(join(directory, name, 'policy.yaml'), policy(ttl));
  }
  symlinkSync('a', join(directory, '..data'));
  symlinkSync('..data/policy.yaml', join(directory, 'policy.yaml'));
  const { source } = open(t, join(directory, 'policy.yaml'));
  symlinkSync('b', join(directory, '..new'));
  renameSync(join(directory, '..new'), join(directory, '..data'));
  const wanted = revisionOf(policy('2m'));
  await until(() => source.current.revision === wanted);
  t.is(source.current.revision, wanted);
});

test('what is wrong keeps the policy before it and says so, once, until it is right', async (t) => {
  const file = join(directoryOf(t), 'policy.yaml');
  writeFileSync(file, policy('1m'));
  const { source, taken, refused } = open(t, file);
  const before = source.current;
  writeFileSync(file, policy('1m').replace('select', 'read'));
  await until(() => source.refusal !== null);
  t.regex(source.refusal!, /policy\.yaml:4:\d+.*"read" is not an action/s);
  t.is(source.current, before);
  unlinkSync(file);
  await until(() => refused.length === 2);
  t.is(source.current, before);
  writeFileSync(file, policy('1m'));
  await until(() => source.refusal === null);
  t.is(source.current, before);
  t.deepEqual(taken, []);
});

test('a file that is written in steps is taken as a whole in the end', async (t) => {
  const file = join(directoryOf(t), 'policy.yaml');
  writeFileSync(file, policy('1m'));
  const { source } = open(t, file);
  const rule = (number: number): string => `  - name: rule ${number}\n    deny: ${'because '.repeat(20)}\n`;
  let text = policy('2m');
  for (let number = 0; number < 20; number++) {
    text += rule(number);
    writeFileSync(file, text);
    await sleep(5);
  }
  await until(() => source.current.revision === revisionOf(text));
  t.is(source.current.rules.length, 21);
});
