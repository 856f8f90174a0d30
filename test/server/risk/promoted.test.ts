import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { pino } from 'pino';
import type { ModelPackage } from '../../../access/model-store.ts';
import { type ModelFacts, modelId } from '../../../classifier/model-files.ts';
import { openScorer, SHIPPED_MODEL } from '../../../classifier/scorer.ts';
import { ModelHost } from '../../../server/risk/model-host.ts';
import { PromotedModel } from '../../../server/risk/promoted.ts';
import { Fixture } from '../../access/fixture.ts';

const test = anyTest as TestFn<{ fixture: Fixture }>;
const logger = pino({ level: 'silent' });
const FILES = ['statement.onnx', 'session.onnx', 'model.json'];

test.beforeEach(async (t) => {
  t.context.fixture = await Fixture.start();
});
test.afterEach.always(({ context }) => context.fixture?.stop());

const packageOf = (folder: string): ModelPackage =>
  Object.fromEntries(FILES.map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));

/** The shipped model, with other bytes at the end of one file that mean nothing. */
function otherModel(t: ExecutionContext): { readonly folder: string; readonly id: string } {
  const folder = mkdtempSync(join(tmpdir(), 'postern-model-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  cpSync(SHIPPED_MODEL, folder, { recursive: true });
  const facts = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as ModelFacts;
  const swapped = { ...facts, files: { ...facts.files } };
  const session = Buffer.concat([readFileSync(join(folder, 'session.onnx')), Buffer.from([0x28, 0x01])]); // field 5, model_version: 1
  writeFileSync(join(folder, 'session.onnx'), session);
  const files = { ...swapped.files, 'session.onnx': sha256(session) };
  writeFileSync(join(folder, 'model.json'), JSON.stringify({ ...swapped, files }));
  return { folder, id: modelId({ files }) };
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function node(t: ExecutionContext<{ fixture: Fixture }>): {
  readonly model: ModelHost;
  readonly promoted: PromotedModel;
} {
  const model = new ModelHost({ timeout: 60_000, logger });
  const { models } = t.context.fixture.process();
  const promoted = new PromotedModel({ store: models, model, configured: 'builtin', logger });
  t.teardown(async () => {
    await promoted.close();
    await model.close();
  });
  return { model, promoted };
}

async function uses(model: ModelHost, id: string): Promise<boolean> {
  for (let attempt = 0; attempt < 300 && model.card?.model !== id; attempt++) await sleep(100);
  return model.card?.model === id;
}

test('a promoted model is in use on all nodes without a restart, and so is the one before', async (t) => {
  const nodes = [node(t), node(t)];
  await Promise.all(nodes.map(({ promoted }) => promoted.start()));
  const shipped = nodes[0]?.model.card?.model ?? '';
  const other = otherModel(t);
  const { models } = t.context.fixture.process();
  const all = async (id: string): Promise<boolean> =>
    (await Promise.all(nodes.map(({ model }) => uses(model, id)))).every(Boolean);
  await models.promote(packageOf(SHIPPED_MODEL));
  await models.promote(packageOf(other.folder));
  t.true(await all(other.id));
  t.true(await models.goBack());
  t.true(await all(shipped));
  await models.goBack();
  t.true(await all(other.id));
  const late = node(t);
  await late.promoted.start();
  t.is(late.model.card?.model, other.id, 'a node that starts uses it too');
  await models.withdraw();
  t.true(await all(shipped));
});

test('a model that was not signed is not used', async (t) => {
  const { model, promoted } = node(t);
  const { models } = t.context.fixture.process();
  await models.promote(packageOf(otherModel(t).folder));
  const stored = JSON.parse((await t.context.fixture.client.hget('postern:{risk}:model', 'current')) ?? '');
  const document = JSON.stringify({ ...JSON.parse(stored.document), 'extra.json': 'e30=' });
  await t.context.fixture.client.hset(
    'postern:{risk}:model',
    'current',
    JSON.stringify({ ...stored, document }),
  );
  await t.throwsAsync(models.read(), { message: /not what was signed/ });
  await promoted.start();
  t.is(model.card?.model, (await openScorer()).files.id, 'that of the configuration is');
});
