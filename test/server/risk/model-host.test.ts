import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { pino } from 'pino';
import type { Question } from '../../../server/risk/assessment.ts';
import { ModelHost } from '../../../server/risk/model-host.ts';

const ENTRY = new URL('./scripted-model.ts', import.meta.url);
/** ms; for answers that do come. */
const PATIENCE = 60_000;

const hostOf = (timeout = PATIENCE): ModelHost =>
  new ModelHost({ timeout, logger: pino({ level: 'silent' }), entry: ENTRY });

const question = (sql: string): Question => ({
  session: 's',
  context: {},
  sql,
  since: { rows: 0, bytes: 0, failures: 0, ms: 0 },
});

test('a model scores, and another takes its place without a gap', async (t) => {
  const host = hostOf();
  t.teardown(() => host.close());
  t.deepEqual(await host.assess(question('good')), { kind: 'unscored', cause: 'missing' });
  t.true(await host.use('one'));
  const scored = await host.assess(question('bad'));
  t.is(scored.kind === 'scored' && scored.statement.score, 0.97);
  const asked = Array.from({ length: 20 }, () => host.assess(question('good')));
  t.true(await host.use('two'));
  for (const answer of await Promise.all(asked)) t.is(answer.kind, 'scored');
  t.is(host.card?.model, 'two');
});

test('a model that is none leaves the one in use', async (t) => {
  const host = hostOf();
  t.teardown(() => host.close());
  t.false(await host.use('unusable'));
  t.is(host.card, null);
  t.is(host.fault, 'damaged');
  t.deepEqual(await host.assess(question('good')), { kind: 'unscored', cause: 'broken' });
  await host.use('one');
  t.false(await host.use('unusable'));
  t.is(host.card?.model, 'one');
  t.is((await host.assess(question('good'))).kind, 'scored');
});

test('a statement on which the model throws is unscored, the next is not', async (t) => {
  const host = hostOf();
  t.teardown(() => host.close());
  await host.use('one');
  t.deepEqual(await host.assess(question('throw')), { kind: 'unscored', cause: 'failed' });
  t.is((await host.assess(question('good'))).kind, 'scored');
});

test('a model that hangs keeps nobody waiting, and is started again', async (t) => {
  const host = hostOf(1_000);
  t.teardown(() => host.close());
  await host.use('one');
  const hanging = host.assess(question('hang'));
  t.deepEqual(await hanging, { kind: 'unscored', cause: 'late' });
  t.deepEqual(await host.assess(question('good')), { kind: 'unscored', cause: 'late' });
  for (let attempt = 0; attempt < 300 && (await host.assess(question('good'))).kind !== 'scored'; attempt++)
    await sleep(100);
  t.is((await host.assess(question('good'))).kind, 'scored');
});

test('a thread that dies answers what it was asked, and is started again', async (t) => {
  const host = hostOf();
  t.teardown(() => host.close());
  await host.use('one');
  t.deepEqual(await host.assess(question('die')), { kind: 'unscored', cause: 'late' });
  for (let attempt = 0; attempt < 300 && host.card === null; attempt++) await sleep(100);
  t.is((await host.assess(question('good'))).kind, 'scored');
});
