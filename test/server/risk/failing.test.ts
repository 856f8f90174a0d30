import { cpSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import type pg from 'pg';
import { writeModelFiles } from '../../../classifier/model-files.ts';
import { openScorer, SHIPPED_MODEL } from '../../../classifier/scorer.ts';
import {
  connect,
  metric,
  nodeWith,
  READ,
  readiness,
  type Servers,
  startServers,
  stopServers,
} from './live-node.ts';

const test = anyTest as TestFn<Servers>;

test.before(async (t) => {
  Object.assign(t.context, await startServers());
});
test.after.always(({ context }) => stopServers(context));

function damagedModel(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-model-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  cpSync(SHIPPED_MODEL, folder, { recursive: true });
  truncateSync(join(folder, 'statement.onnx'), 1000);
  return folder;
}

test('a damaged model: what is unusual is flagged, and all can see that', async (t) => {
  const node = await nodeWith(t, 'damaged-allow', { model: damagedModel(t) }, { logLevel: 'silent' });
  const client = await connect(t, node, await node.grant(READ));
  await client.query('select 1');
  const flag = await node.event('risk.flag', {});
  t.is(flag.cause, 'broken');
  t.is(flag.score, null);
  t.is(await metric(node, 'postern_risk_unscored_total{cause="broken"}'), 1);
  t.is(await metric(node, 'postern_risk_model_ready'), 0);
  t.like(await readiness(node), { code: 200, status: 'degraded', checks: { risk: false } });
});

test('a damaged model, and `onFailure: hold`: what is unusual is refused', async (t) => {
  const node = await nodeWith(
    t,
    'damaged-hold',
    { model: damagedModel(t), onFailure: 'hold' },
    { logLevel: 'silent' },
  );
  const client = await connect(t, node, await node.grant(READ));
  const fault = await t.throwsAsync<pg.DatabaseError>(client.query('select 1'));
  t.is(fault?.code, '42501');
  t.regex(`${fault?.message} ${fault?.detail}`, /could not be scored.*model can not be loaded/s);
  t.like(await readiness(node), { code: 503, status: 'not ready' });
});

/** A sound file, but for a tree whose first branch leads back to itself: whatever is asked, it never answers. */
async function hangingModel(t: ExecutionContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-model-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const { statement, session, facts } = (await openScorer()).files;
  const { trees } = statement;
  const [threshold, left] = [trees.threshold.slice(), trees.left.slice()];
  const root = trees.roots.find((root) => (trees.feature[left[root] as number] as number) >= 0) as number;
  const child = left[root] as number;
  for (const node of [root, child]) threshold[node] = Number.POSITIVE_INFINITY;
  left[child] = child;
  await writeModelFiles(
    folder,
    { statement: { ...statement, trees: { ...trees, threshold, left } }, session },
    facts,
  );
  return folder;
}

// By themselves: until the watchdog ends it, such a thread takes a core.
for (const onFailure of ['allow', 'hold'] as const)
  test.serial(
    `a model that hangs, and \`onFailure: ${onFailure}\`: one answer is waited for, nobody else`,
    async (t) => {
      const model = await hangingModel(t);
      const risk = { model, onFailure, timeout: '300ms' };
      const node = await nodeWith(t, `hangs-${onFailure}`, risk, { logLevel: 'silent' });
      const client = await connect(t, node, await node.grant(READ));
      const asked = client.query('select count(*) from orders');
      if (onFailure === 'allow') t.is((await asked).rowCount, 1);
      else t.regex((await t.throwsAsync(asked))?.message ?? '', /held for a reviewer/);
      const flag = await node.event('risk.flag', { cause: 'late' });
      t.like(flag, { action: onFailure === 'allow' ? 'flag' : 'hold', score: null });
      t.regex(flag.reasons.join(), /not answered in time/);
      t.is(
        (await client.query('select 1').catch(() => ({ rowCount: 0 }))).rowCount,
        onFailure === 'allow' ? 1 : 0,
      );
      t.true((await metric(node, 'postern_risk_unscored_total{cause="late"}')) >= 2, 'the session lives on');
    },
  );

/** Longer to take apart than the time that is given. */
const LONG = `select ${Array.from({ length: 9_000 }, (_, i) => `id + ${i}`).join(', ')} from orders where id = 1`;

for (const onFailure of ['allow', 'hold'] as const)
  test(`a model that is late, and \`onFailure: ${onFailure}\``, async (t) => {
    const node = await nodeWith(
      t,
      `late-${onFailure}`,
      { timeout: '1ms', onFailure },
      { logLevel: 'silent' },
    );
    const client = await connect(t, node, await node.grant(READ));
    const outcome = client.query(LONG.slice(0, 60_000).replace(/, [^,]*$/, ' from orders where id = 1')).then(
      () => null,
      (fault: pg.DatabaseError) => fault.message,
    );
    if (onFailure === 'allow') t.not(await outcome, 'held');
    else t.regex((await outcome) ?? '', /held for a reviewer/);
    const flag = await node.event('risk.flag', { cause: 'late' });
    t.is(flag.action, onFailure === 'allow' ? 'flag' : 'hold');
    t.is(await metric(node, 'postern_risk_unscored_total{cause="late"}'), 1);
  });
