/** Texts that are long, deep or many: answered, refused, and never the end of the parser. */
import test from 'ava';
import { extract } from '../../guardrails/extract.ts';
import { SAFE_LENGTH } from '../../guardrails/parse.ts';
import { ParserPool } from '../../server/parser-pool.ts';
import { ParserQueue } from '../../server/parser-queue.ts';

/** ms; busy machines take their time. */
const PATIENT = 120_000;

/** Nesting by the fewest characters a level, each by another way through the grammar. */
const BOMBS: Readonly<Record<string, (depth: number) => string>> = {
  signs: (n) => `select ${'+'.repeat(n)}1`,
  sums: (n) => `select 1${'+1'.repeat(n)}`,
  parentheses: (n) => `select ${'('.repeat(n)}1${')'.repeat(n)}`,
  calls: (n) => `select ${'f('.repeat(n)}1${')'.repeat(n)}`,
  arrays: (n) => `select array${'['.repeat(n)}1${']'.repeat(n)}`,
  subqueries: (n) => `select ${'(select '.repeat(n)}1${')'.repeat(n)}`,
  casts: (n) => `select 1${'::a'.repeat(n)}`,
  collations: (n) => `select 1${' collate a'.repeat(n)}`,
  joins: (n) => `select from a${' join a on 1'.repeat(n)}`,
  unions: (n) => `select${' union select'.repeat(n)}`,
  nots: (n) => `select ${'not '.repeat(n)}true`,
  queries: (n) => `${'with a as ('.repeat(n)}select 1${') select 1'.repeat(n)}`,
};

test('no text of up to SAFE_LENGTH overflows the parser on this thread, however it nests', (t) => {
  for (const [name, bomb] of Object.entries(BOMBS)) {
    let depth = 1;
    while (bomb(depth + 1).length <= SAFE_LENGTH) depth++;
    t.is(extract(bomb(depth)).damaged, undefined, name);
  }
});

test('deep nesting is an error, and the pool goes on', async (t) => {
  const pool = new ParserPool({ timeout: PATIENT });
  for (const [name, bomb] of Object.entries(BOMBS)) {
    const { error } = await pool.extract(bomb(30_000));
    t.true(error !== null && ['54001', '42601'].includes(error.sqlstate), `${name}: ${error?.sqlstate}`);
    t.is((await pool.extract('select 1')).error, null, name);
  }
  await pool.close();
});

test('what is nested deeply, but not too deeply, is read', async (t) => {
  const pool = new ParserPool({ timeout: PATIENT });
  for (const [name, bomb] of Object.entries(BOMBS)) t.is((await pool.extract(bomb(1_000))).error, null, name);
  await pool.close();
});

test('bombs one after another leave the pool as it was', async (t) => {
  const pool = new ParserPool({ timeout: PATIENT });
  const bombs = Array.from({ length: 5 }, () => pool.extract(BOMBS.sums!(50_000)));
  t.true((await Promise.all(bombs)).every(({ damaged }) => damaged));
  const [statement] = (await pool.extract('select a from b')).statements;
  t.deepEqual(statement, extract('select a from b').statements[0]);
  await pool.close();
});

test('a text of megabytes has small facts', async (t) => {
  const pool = new ParserPool({ timeout: PATIENT });
  const rows = Array.from({ length: 40_000 }, (_, n) => `(${n}, 'name of row ${n}', now())`).join(',\n');
  const facts = await pool.extract(`insert into orders (id, name, at) values ${rows}`);
  t.is(facts.error, null);
  t.true(JSON.stringify(facts.statements).length < 2_000);
  await pool.close();
});

test('what takes too long is refused, and what is behind it is not', async (t) => {
  const pool = new ParserPool({ timeout: 1 });
  const slow = pool.extract(`select ${'1,'.repeat(200_000)}1`);
  t.is((await slow).error?.sqlstate, '54001');
  await pool.close();
});

test('more than may wait is refused at once', async (t) => {
  const pool = new ParserPool({ maxWaiting: 20 });
  const answers = await Promise.all(Array.from({ length: 6 }, () => pool.extract('select 1')));
  t.deepEqual(
    answers.map(({ error }) => error?.sqlstate ?? null),
    [null, null, null, '53400', '53400', '53400'],
  );
  await pool.close();
});

test('a text that needs more memory than the parser gets is refused as that, and the pool goes on', async (t) => {
  const pool = new ParserPool({ timeout: PATIENT });
  const numbers = `select 1 in (${'1,'.repeat(3_500_000)}1)`;
  const answers = await Promise.all([numbers, numbers, 'select 1'].map((sql) => pool.extract(sql)));
  t.deepEqual(
    answers.map(({ error }) => error?.sqlstate ?? null),
    ['54001', '54001', null],
  );
  t.regex(answers[0]?.error?.hint ?? '', /COPY/);
  t.is((await pool.extract(`select '${'x'.repeat(100_000)}'`)).error, null);
  await pool.close();
});

test('a text of some kilobytes does not wait for one of megabytes', async (t) => {
  const pool = new ParserPool({ timeout: PATIENT });
  await pool.extract('select 1');
  const order: string[] = [];
  const long = pool.extract(`select 1 in (${'1,'.repeat(1_000_000)}1)`).then(() => order.push('long'));
  const short = pool.extract(`select ${'1,'.repeat(1_500)}1`).then(() => order.push('short'));
  await Promise.all([long, short]);
  t.deepEqual(order, ['short', 'long']);
  await pool.close();
});

test('more statements than one text should have are refused', async (t) => {
  const pool = new ParserPool({ timeout: PATIENT });
  t.is((await pool.extract('select 1;'.repeat(50_000))).error?.sqlstate, '54001');
  t.is((await pool.extract('select 1;'.repeat(5_000))).error, null);
  await pool.close();
});

test('secrets are taken out where the text is parsed', async (t) => {
  const pool = new ParserPool({ timeout: PATIENT });
  const sql = `create role r password 'hunter2' -- ${'x'.repeat(3_000)}`;
  t.is((await pool.extract(sql)).redactedText, sql.replace('hunter2', '***'));
  t.is((await pool.extract('select 1')).redactedText, 'select 1');
  await pool.close();
});

test('a long text arrives as it is, and so does what is recorded of it', async (t) => {
  const pool = new ParserPool({ timeout: PATIENT });
  const sql = `select 'é${'\u{1f600}'.repeat(100_000)}\n', "" password 'hunter2'`;
  const { error, redactedText, redactedJson } = await pool.extract(sql);
  t.is(error?.position, sql.indexOf('""') + 1 - 100_000); // counted in characters
  t.is(redactedText, sql.replace('hunter2', '***'));
  t.is(JSON.parse(Buffer.from(redactedJson ?? []).toString()), redactedText);
  await pool.close();
});

test('a long text that is not UTF-16 is refused', async (t) => {
  const pool = new ParserPool({ timeout: PATIENT });
  t.is((await pool.extract(`select '${'x'.repeat(100_000)}\ud83d'`)).error?.sqlstate, '22021');
  await pool.close();
});

test('where no parser can be started, texts are refused', async (t) => {
  const start = () => {
    throw new Error('no more processes');
  };
  const queue = new ParserQueue({ start, maxWaiting: 100, timeout: PATIENT, idle: null, keep: 100 });
  const answers = await Promise.all([queue.extract('select 1'), queue.extract('select 2')]);
  t.true(answers.every(({ error }) => error?.sqlstate === '53400'));
  await queue.close();
});

test('closing answers what waits', async (t) => {
  const pool = new ParserPool();
  const answers = [pool.extract('select 1'), pool.extract('select 2')];
  await pool.close();
  t.true((await Promise.all(answers)).every(({ error }) => error?.sqlstate === '53400'));
  t.is((await pool.extract('select 3')).error?.sqlstate, '53400');
});
