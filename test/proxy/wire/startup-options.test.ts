import test from 'ava';
import { ProtocolError } from '../../../proxy/wire/protocol-error.ts';
import { parseOptions } from '../../../proxy/wire/startup-options.ts';

const read: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  ['', []],
  [' \t\n\v\f\r ', []],
  ['-c work_mem=1MB', [['work_mem', '1MB']]],
  ['-cwork_mem=1MB', [['work_mem', '1MB']]],
  ['--work-mem=1MB', [['work_mem', '1MB']]],
  [
    '-c geqo=off  --statement_timeout=5min',
    [
      ['geqo', 'off'],
      ['statement_timeout', '5min'],
    ],
  ],
  ['-c search_path=a\\ b,\\\\c', [['search_path', 'a b,\\c']]],
  ['-c application_name=', [['application_name', '']]],
  ['-c a=b=c', [['a', 'b=c']]],
  ['-c\\ geqo=on', [[' geqo', 'on']]],
  ['-c geqo=on\\', [['geqo', 'on']]],
  ['-c --geqo=on', [['__geqo', 'on']]],
];

for (const [text, expected] of read) {
  test(`reads ${JSON.stringify(text)}`, (t) => {
    t.deepEqual(
      parseOptions(text).map(({ name, value }) => [name, value]),
      expected.map(([name, value]) => [name, value]),
    );
  });
}

const refused = [
  ...[
    '-c',
    '-c geqo',
    '-c =on',
    '--',
    '--geqo',
    '-d5',
    '-B 10',
    '-e',
    '-ec geqo=on',
    'geqo=on',
    '-',
    '-c geqo=on x',
  ],
  ...['-cc geqo=on', '-W 10', '-f s', '-t pa', '-P', '-O'],
];

for (const text of refused) {
  test(`refuses ${JSON.stringify(text)}`, (t) => {
    t.is(t.throws(() => parseOptions(text), { instanceOf: ProtocolError })?.sqlstate, '42601');
  });
}
