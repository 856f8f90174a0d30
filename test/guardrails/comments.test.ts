/** Comments are white space wherever PostgreSQL takes them for that, which it is asked first. */
import test from 'ava';
import fc from 'fast-check';
import { blankComments } from '../../guardrails/blank-comments.ts';
import { extract } from '../../guardrails/extract.ts';
import { parse } from '../../guardrails/parse.ts';
import { verdictOn } from './deciding.ts';
import { type LiveDatabase, startDatabase } from './live-database.ts';

let live: LiveDatabase;
test.before(async () => {
  live = await startDatabase(
    'create table a (id int, name text, at timestamptz); create table secrets (id int)',
  );
});
test.after.always(() => live?.stop());

/** `~` stands for each kind of comment. */
const TEXTS: readonly string[] = [
  "select id from a where id not ~ in (1, 2) and name not ~ like 'x' and name not ~ ilike 'y'",
  "select id from a where id not ~ between 1 and 2 or name not ~ similar to 'x'",
  'select id from a order by id nulls ~ first, name desc nulls ~ last',
  'select at::timestamp with ~ time zone, at::timestamp without ~ time zone from a',
  'create table b (at timestamp with ~ time zone)',
  'select * from generate_series(1, 2) with ~ ordinality',
  `select U&"!0069d" ~ uescape '!', U&'!0061' ~ uescape '!' from a`,
  "select json_query('{}' format ~ json, '$')",
  "select 'ä; €' ~, 'select' ~; ~ select id ~ from a",
  'select \'~\', "~", $$ ~ $$ from (select 1 as "~") x where 1 not ~ in (2)',
];

const COMMENTS: readonly string[] = ['/* a */', '-- ä €\n', "/* a /* ; */ ' */", '--\n/**/', '/*\n*/ -- "\n'];

for (const text of TEXTS)
  test.serial(text, async (t) => {
    const plain = extract(text.replaceAll('~', ' '));
    for (const comment of COMMENTS.filter((each) => !text.includes('"~"') || !/["'\n]/.test(each))) {
      const sql = text.replaceAll('~', comment);
      await live.client.query('begin');
      await live.client.query(sql);
      await live.client.query('rollback');
      const { error, statements } = extract(sql);
      t.is(error, null, sql);
      t.deepEqual(
        statements.map(({ needs }) => needs),
        plain.statements.map(({ needs }) => needs),
        sql,
      );
    }
  });

test.serial('lines of a literal may have a comment after them', async (t) => {
  const sql = "select id from a where name = 'b' -- c\n  ';select id from secrets'";
  await live.client.query(sql);
  t.is(verdictOn(sql, ['select:public.a'], live).effect, 'allow');
});

test.serial('two literals stay two', async (t) => {
  const sql = "select 'a'\n /* c */ 'b'";
  await t.throwsAsync(live.client.query(sql), { message: /syntax error/ });
  t.is(extract(sql).error?.message, `syntax error at or near "'b'"`);
});

test('what is beside a comment is decided as ever', (t) => {
  const sql = 'select id from a where id not /* in */ in (select id /* from a */ from secrets)';
  t.is(verdictOn(sql, ['select:public.a'], live).effect, 'deny');
  t.is(verdictOn(sql, ['select:public.*'], live).effect, 'allow');
});

test('statements stand where they stood, and errors tell of the text as it was', (t) => {
  const sql = 'select 1 /* ä€😀 */; select 2 not /* 😀 */ in (3) -- €\n; select 4';
  const parsed = parse(sql);
  t.deepEqual(
    'statements' in parsed && parsed.statements.map(({ range }) => sql.slice(range.start, range.end)),
    ['select 1 /* ä€😀 */', 'select 2 not /* 😀 */ in (3) -- €\n', 'select 4'],
  );
  t.deepEqual(extract('select /* a */ from /* b */ where').error, {
    sqlstate: '42601',
    message: 'syntax error at or near "where"',
    position: 29,
  });
});

test('blanks are as long as the comments, and nothing else changes', (t) => {
  const pieces = ['select', "'a'", '"b"', '$x$', '/*', '*/', '--', '\n', ' ', 'ä', '😀', ';', "'", '"'];
  const faithful = fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), (chosen) => {
    const sql = chosen.join('');
    const blanked = blankComments(sql) ?? sql;
    return (
      blanked.length === sql.length &&
      blanked.split('').every((unit, index) => unit === ' ' || unit === sql[index])
    );
  });
  t.notThrows(() => fc.assert(faithful));
});
