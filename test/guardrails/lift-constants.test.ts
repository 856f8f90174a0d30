/** Constants lifted out of texts: which texts have one in common, and that it never says more than each of them. */
import test from 'ava';
import fc from 'fast-check';
import { parseSync } from 'libpg-query';
import { extract } from '../../guardrails/extract.ts';
import { liftConstants } from '../../guardrails/lift-constants.ts';
import { redact, redaction } from '../../guardrails/redact.ts';
import { isOrdinary, standsForAll, verdictOnText } from '../../server/common-verdict.ts';
import { formOf } from '../../server/risk/fingerprint.ts';
import { attackClasses, benignClasses } from '../corpus/case-format.ts';
import { decisionOn } from './deciding.ts';

const LIFTED: readonly (readonly [sql: string, lifted: string])[] = [
  ['select 1', 'select $1'],
  ["select * from t where a = 'x' and b in (1, 2.5)", 'select * from t where a = $1 and b in ($2, $3)'],
  ["insert into t values (-5, '', 'it''s')", 'insert into t values (-$1, $2, $3)'],
  ['select "a 1", "b""2", c3, _4 from t5 limit 10;', 'select "a 1", "b""2", c3, _4 from t5 limit $1;'],
  ["select 'ä', ä1 from t where x=1", 'select $1, ä1 from t where x=$2'],
  ["select '-' || '/'", 'select $1 || $2'],
];

for (const [sql, lifted] of LIFTED) test(`lifts: ${sql}`, (t) => t.is(liftConstants(sql), lifted));

const LEFT: readonly string[] = [
  'select now()',
  "select E'a'",
  "select e'\\''",
  "select U&'a'",
  'select U&"a", 1',
  "select x'1F'",
  "select n'a'",
  'select $1, 2',
  "select $$a$$, 'x'",
  "select $a$ ' $a$ || '1'",
  'select 1 -- one',
  'select 1 /* one */',
  "select 'a'\n'b'",
  'select 1e5',
  'select 0x1F',
  'select 1_000',
  'select .5',
  'select 1.',
  'select 1a',
  "select 'open",
  'select "open, 1',
  `select ${'1,'.repeat(2000)}1`,
];

for (const sql of LEFT) test(`leaves alone: ${sql.slice(0, 40)}`, (t) => t.is(liftConstants(sql), null));

/** The tree of a text without what constants and parameters say, and where things stand. `-1` is one, `-$1` has one. */
function shapeOf(sql: string): string {
  return JSON.stringify(parseSync(sql), (key, value) => {
    if (PLACES.has(key)) return undefined;
    if (typeof value !== 'object' || value === null) return value;
    return 'A_Const' in value || 'ParamRef' in value || isNegative(value) ? 'constant' : value;
  });
}

const PLACES = new Set([
  'location',
  'stmt_len',
  'stmt_location',
  'rexpr_list_start',
  'rexpr_list_end',
  'list_start',
  'list_end',
]);

const isNegative = (node: object): boolean =>
  'A_Expr' in node &&
  /^{"kind":"AEXPR_OP","name":\[{"String":{"sval":"-"}}\],"rexpr":{"(?:A_Const|ParamRef)"/.test(
    JSON.stringify(node.A_Expr),
  );

const classes = [...attackClasses('test/corpus/attacks'), ...benignClasses('test/corpus/benign')];
const texts = [...new Set(classes.flatMap(strings))].filter(isOrdinary);

function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
}

const judged = (sql: string, scope: readonly string[]) => ({
  facts: extract(sql),
  decision: decisionOn(sql, scope),
});

const parses = (sql: string): boolean => extract(sql).error === null;

test('a text and its common one have the same tree, wherever both have one', (t) => {
  let same = 0;
  for (const sql of texts) {
    const lifted = liftConstants(sql);
    if (lifted === null || !parses(lifted) || !parses(sql)) continue;
    same += 1;
    t.is(shapeOf(lifted), shapeOf(sql), sql);
  }
  t.true(same > 500, `${same} texts`);
});

/** Values that mean something to functions, casts and settings; and breakers of quotes. */
const TELLING = [
  ...[
    'role',
    'session_authorization',
    'search_path',
    'log_statement',
    'public.customers',
    'pg_authid',
    '16384',
  ],
  ...['select * from secret', 'postgres', '/etc/passwd', 'plpgsql', '{1}', "a'b", '1', 'text', 'on', '0', ''],
];
const SCOPES = [
  ['*:*'],
  ['*:*', 'select:!public.secret'],
  ['select,insert,update,delete:public.*', 'select,insert,update,delete:app.*', 'execute:*'],
];

test('what is allowed in common is allowed with any constants, and needs the same', (t) => {
  const constant = fc.oneof(
    fc.constantFrom(...TELLING).map((value) => `'${value.replaceAll("'", "''")}'`),
    fc.nat().map(String),
  );
  const ordinary = texts.filter((sql) => liftConstants(sql) !== null);
  let stood = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...ordinary),
      fc.constantFrom(...SCOPES),
      fc.array(constant, { minLength: 40, maxLength: 40 }),
      (sql, scope, values) => {
        const lifted = liftConstants(sql) as string;
        const { decision: common, facts } = judged(lifted, scope);
        if (!standsForAll({ facts, decision: common }, judged(sql, scope))) return;
        const filled = lifted.replace(/\$(\d+)/g, (_, number) => values[Number(number) % 40] as string);
        if (!parses(filled)) return;
        stood += 1;
        const { verdict, changes, unresolved } = decisionOn(filled, scope);
        t.is(verdict.effect, 'allow', filled);
        t.deepEqual(verdict.effects, common.verdict.effects, filled);
        t.deepEqual(verdict.reasons, common.verdict.reasons, filled);
        t.deepEqual({ changes, unresolved }, { changes: common.changes, unresolved: false }, filled);
      },
    ),
    { numRuns: 2000 },
  );
  t.true(stood > 400, `${stood} decisions`);
});

const SECRETS = ['update t set password = 1 where id = 2', 'insert into t (id, password) values (1, 2)'];
const NO_SLICE = /:\d+\.\d/;

test('where only numbers differ, the form is one, and what is secret is taken out of each', (t) => {
  const ordinary = texts.filter((sql) => liftConstants(sql) !== null);
  const text = fc.oneof({ arbitrary: fc.constantFrom(...ordinary), weight: 9 }, fc.constantFrom(...SECRETS));
  const number = fc.oneof(fc.nat().map(String), fc.constantFrom('0', '1.5', '4111111111111111'));
  let [shared, masked] = [0, 0];
  fc.assert(
    fc.property(text, fc.array(number, { minLength: 9 }), (sql, numbers) => {
      const lifted = liftConstants(sql) as string;
      const filled = lifted.replace(
        /\$(\d+)/g,
        (_, place) => numbers[Number(place) % numbers.length] as string,
      );
      const common = { ...decisionOn(lifted, ['*:*']).verdict, ...redaction(lifted) };
      const verdict = verdictOnText(common, lifted, filled);
      t.is(verdict.redactedText, redact(filled));
      if (verdict.redactedText !== filled) masked += 1;
      if (verdict.common === undefined || NO_SLICE.test(filled)) return;
      shared += 1;
      t.is(formOf(filled), formOf(verdict.common.redactedText), filled);
    }),
    { numRuns: 2000 },
  );
  t.true(shared > 1000, `${shared} texts`);
  t.true(masked > 50, `${masked} with secrets`);
});

const TELLS: readonly string[] = [
  "select current_setting('server_version')",
  "select name, current_setting('app.tenant') from public.customers where id = 1",
  "select set_config('search_path', 'public', false)",
  "select nextval('public.orders_id_seq')",
  "select query_to_xml('select 1', true, false, '')",
  "select 'public.orders'::regclass, pg_get_serial_sequence('public.orders', 'id'), nextval(pg_get_serial_sequence('public.orders', 'id'))",
];

for (const sql of TELLS)
  test(`does not stand for all: ${sql}`, (t) => {
    for (const scope of SCOPES)
      t.false(standsForAll(judged(liftConstants(sql) as string, scope), judged(sql, scope)));
  });
