import test from 'ava';
import fc from 'fast-check';
import { contentOf, tokensOf } from '../../classifier/lexer.ts';

const kindsOf = (sql: string): string =>
  tokensOf(sql)
    .map(({ kind }) => kind)
    .join(' ');

const table: readonly (readonly [string, string])[] = [
  ["select 'a''b' from t", 'word string word word'],
  ['select "a""b", $1, :x', 'word quoted punctuation parameter punctuation parameter'],
  ["select e'a\\'b' -- c", 'word string comment'],
  ['select $x$ a $$ b $x$', 'word string'],
  ['select 0x1f + 1.5e3::numeric', 'word number operator number operator word'],
  ['select 1/* a */- 2', 'word number comment operator number'],
  ["select 'not closed", 'word string'],
  ['select 1 -- a\rdrop table t', 'word number comment word word word'],
  ['select /* a /* b */ c */ 1', 'word comment number'],
  ['select /*/ a */ 1 /**/ + 2 /***/', 'word comment number comment operator number comment'],
  ['select /* a /* b */ 1', 'word comment'],
  ['select u&\'d\\0061t\', U&"d\\0061"', 'word string punctuation quoted'],
];
for (const [sql, kinds] of table) test(`tokens of ${sql}`, (t) => t.is(kindsOf(sql), kinds));

test('the content of literals and names', (t) => {
  t.is(contentOf("'a b'"), 'a b');
  t.is(contentOf('"a b"'), 'a b');
  t.is(contentOf('$q$a b$q$'), 'a b');
  t.is(contentOf("E'a'"), 'a');
  t.is(contentOf("'open"), 'open');
});

test('any text has tokens that stand where they say', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (sql) => {
        let end = 0;
        for (const { text, start } of tokensOf(sql)) {
          if (start < end || !sql.startsWith(text, start)) return false;
          if (sql.slice(end, start).trim() !== '') return false;
          end = start + text.length;
        }
        return sql.slice(end).trim() === '';
      }),
    ),
  );
});
