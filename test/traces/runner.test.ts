import test from 'ava';
import { directStage, resetRows, startTracePostgres } from './direct-stage.ts';
import { runTrace } from './runner.ts';
import { parseTrace } from './trace-file.ts';

const postgres = await startTracePostgres();
test.before(() => resetRows(postgres));
test.after.always(() => postgres.stop());

const run = (lines: readonly string[]): Promise<void> => {
  const trace = parseTrace(['# A trace', ...lines].join('\n'), 'a.trace');
  return runTrace(trace, directStage(postgres, trace));
};
const SELECT = ['> Query "select 1 as one"', '< RowDescription one:int4', '< DataRow "1"'];
const END = ['< CommandComplete "SELECT 1"', '< ReadyForQuery I'];

test('what comes as expected passes', async (t) => {
  await t.notThrowsAsync(run([...SELECT, ...END]));
});

test('a message that differs fails, with its line and all that came before', async (t) => {
  const error = await t.throwsAsync(run([...SELECT.slice(0, 2), '< DataRow "2"', ...END]));
  t.regex(error.message, /^a\.trace:4 \(direct\): expected\n {2}DataRow "2"\ncame\n {2}DataRow "1"/);
  t.true(error.message.includes('> Query "select 1 as one"'));
});

test('a message that is missing, or that nobody expected, fails', async (t) => {
  await t.throwsAsync(run([...SELECT, ...END, '> Terminate', '< NoData']), { message: /came\n {2}closed/ });
  await t.throwsAsync(run([...SELECT, END[0]!]), { message: /not expected: ReadyForQuery I/ });
});

test('dots at the end stand for the rest of a line, and for nothing else', async (t) => {
  await t.notThrowsAsync(run([...SELECT, '< CommandComplete ...', '< ReadyForQuery I']));
  await t.throwsAsync(run([...SELECT, '< CommandComplete "INS ...', '< ReadyForQuery I']));
});

test('blocks for the other side are left out', async (t) => {
  await t.notThrowsAsync(run([...SELECT, ...END, 'only proxy: a reason', '> Query "select 2"', 'end']));
});

for (const [fault, lines] of Object.entries({
  'no title': ['> Sync'],
  'a block without end': ['# T', 'only proxy: why', '> Sync'],
  'a block without reason': ['# T', 'only proxy', '> Sync'],
  'a header line after a step': ['# T', '> Sync', 'since 17'],
  'an unknown word': ['# T', 'sometimes'],
})) {
  test(`a file with ${fault} is refused`, (t) => {
    t.throws(() => parseTrace(lines.join('\n'), 'bad.trace'), { message: /^bad\.trace/ });
  });
}
