import test from 'ava';
import { ConfigError } from '../../../server/config-document.ts';
import { loadPolicy, parsePolicy } from '../../../server/policy/policy-file.ts';
import { runPolicyTests } from '../../../server/policy/policy-tests.ts';

const EXAMPLE = new URL('../../../deploy/policy.example.yaml', import.meta.url).pathname;
const RULE = `version: 1
rules:
  - name: reads
    when: { teams: [support] }
    auto_approve: { allow: ['select:public.*'], ttl: 30m }
`;

test('the example passes its own tests', (t) => {
  const results = runPolicyTests(loadPolicy(EXAMPLE), Date.now());
  t.true(results.length >= 5);
  for (const { name, faults } of results) t.deepEqual(faults, [], name);
});

test('a revision is of the text', (t) => {
  const [one, same, other] = [RULE, RULE, `${RULE}# more\n`].map(
    (text) => parsePolicy('p', text).policy.revision,
  );
  t.is(one, same);
  t.not(one, other);
});

const FAULTS: readonly (readonly [text: string, line: number, message: RegExp])[] = [
  ['version: 2\nrules: []', 1, /is not 1/],
  ['version: 1\nrules: []', 2, /reviewed/],
  [`${RULE}    deny: no`, 3, /more than one of/],
  ['version: 1\nrules:\n  - name: a', 3, /none of/],
  [RULE.replace('select:public.*', 'read:public.*'), 5, /"read" is not an action/],
  [RULE.replace('select:public.*', 'select:public'), 5, /lacks the schema/],
  [RULE.replace('30m', '30'), 5, /is not a duration/],
  [RULE.replace(', ttl: 30m', ''), 5, /is not a duration|is missing/],
  [RULE.replace('teams: [support]', 'team: support'), 4, /is not a known key/],
  [RULE.replace('teams: [support]', 'avoids: [secret]'), 4, /not one of dataClasses/],
  [RULE.replace('teams: [support]', "hours: {from: '8', to: '18:00'}"), 4, /is not a time/],
  [RULE.replace('teams: [support]', "hours: {days: mon-foo, from: '08:00', to: '18:00'}"), 4, /are not days/],
  [
    RULE.replace('teams: [support]', "hours: {from: '08:00', to: '18:00', timeZone: Mars}"),
    4,
    /is not a time zone/,
  ],
  [RULE.replace('teams: [support]', "ticket: '('"), 4, /regular expression/],
  [RULE.replace('teams: [support]', 'networks: [10.0.0.0/33]'), 4, /prefix length/],
  [RULE.replace('teams: [support]', 'risk: {}'), 4, /neither atLeast nor atMost/],
  [`${RULE}  - name: reads\n    deny: no\n`, 6, /earlier rule/],
  [
    `${RULE}tests:\n  - name: x\n    request: { principal: { id: a }, database: d }\n    expect: grant\n`,
    9,
    /neither an outcome/,
  ],
  ['version: 1\n rules: []', 1, /implicit key/],
];
for (const [index, [text, line, message]] of FAULTS.entries())
  test(`fault ${index} is told with its line`, (t) => {
    const error = t.throws(() => parsePolicy('policy.yaml', text), { instanceOf: ConfigError });
    t.true(
      error?.faults.some((fault) => fault.line === line && message.test(fault.message)),
      error?.message,
    );
  });

test('all faults are told at once', (t) => {
  const text = RULE.replace('30m', 'soon').replace('[support]', '[]');
  t.is(t.throws(() => parsePolicy('p', text), { instanceOf: ConfigError })?.faults.length, 2);
});

const tested = (expect: string) =>
  runPolicyTests(
    parsePolicy(
      'p',
      `${RULE}tests:
  - name: asks
    request: { principal: { id: a, teams: [support] }, database: d, allow: ['select:public.orders'], ttl: 2h }
    expect: ${expect}
`,
    ),
    0,
  )[0]!;

test('a test in the file says what is otherwise', (t) => {
  t.deepEqual(tested('auto_approve').faults, []);
  t.deepEqual(
    tested("{ outcome: auto_approve, rule: reads, ttl: 30m, allow: ['select:public.orders'] }").faults,
    [],
  );
  const { line, faults } = tested("{ outcome: deny, rule: null, ttl: 2h, allow: ['select:public.*'] }");
  t.is(line, 7);
  t.deepEqual(
    faults.map((fault) => fault.split(' is ')[0]),
    ['the outcome', 'the rule', 'the duration in ms', 'the scope'],
  );
});
