import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ModelError } from '../../../classifier/model-files.ts';
import { ownExamples } from '../../../classifier/triage/examples.ts';
import { fitTriage } from '../../../classifier/triage/fit-triage.ts';
import { openTriage, writeTriageFolder } from '../../../classifier/triage/model-folder.ts';
import { PluggedModel } from '../../../server/triage/plugged-model.ts';
import { TriageHost } from '../../../server/triage/triage-host.ts';
import { writeTinyModel } from '../../classifier/triage/tiny-sentence-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-plugged-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const REQUEST = {
  text: 'weekly sales report from sales.orders',
  requester: { role: 'analyst' },
  requested: { actions: ['select'], tables: ['sales.orders'], ttlMinutes: 30 },
};
const WORDS = ['weekly', 'sales', 'report', 'from', 'orders', 'zzz'];
/** ms; nothing here takes as long. */
const PATIENCE = 120_000;

test('a directory with a sentence-embedding model is asked beside the built-in one', async (t) => {
  writeTinyModel(join(folder, 'model'), { words: WORDS });
  const host = await TriageHost.open({ model: join(folder, 'model'), timeout: PATIENCE });
  const { model, riskScore } = await host.triage(REQUEST);
  t.regex(model, /^[0-9a-f]{12} with builtin$/);
  t.true(riskScore >= openTriage().triage(REQUEST).riskScore);
});

test('a directory of a model that was trained here is used instead of the built-in one', async (t) => {
  const at = join(folder, 'trained');
  const own = ownExamples();
  const { sha256 } = writeTriageFolder(at, fitTriage(own, { seed: 1, rounds: 1 }), { seed: 1, data: {} });
  const host = await TriageHost.open({ model: at, timeout: PATIENCE });
  t.is((await host.triage(REQUEST)).model, sha256.slice(0, 12));
});

test('a directory without either is refused when it is opened', async (t) => {
  mkdirSync(join(folder, 'empty'));
  await t.throwsAsync(TriageHost.open({ model: join(folder, 'empty'), timeout: 1 }), {
    instanceOf: ModelError,
    message: /neither model\.json with triage\.onnx, nor model\.onnx/,
  });
});

test('where it fails while it runs, the built-in one answers, and that is seen', async (t) => {
  writeTinyModel(join(folder, 'broken'), { words: WORDS, broken: 1 });
  const warnings: string[] = [];
  const host = await TriageHost.open({ model: join(folder, 'broken'), timeout: PATIENCE }, (message) =>
    warnings.push(message),
  );
  const { decision, model, reasons } = await host.triage({ ...REQUEST, text: `${REQUEST.text} zzz` });
  t.is(model, 'builtin');
  t.is(decision, openTriage().triage({ ...REQUEST, text: `${REQUEST.text} zzz` }).decision);
  t.regex(reasons.at(-1) ?? '', /has failed: .*the built-in one has answered alone/s);
  t.is(warnings.length, 1);
  t.regex((await host.triage(REQUEST)).model, /with builtin$/, 'and the next is answered again');
});

test('one that is late is not waited for, nor asked more and more', async (t) => {
  const vector = Float32Array.of(1, 0);
  const waiting: (() => void)[] = [];
  let hangs = false;
  const embed = (): Promise<Float32Array> =>
    hangs ? new Promise((resolve) => waiting.push(() => resolve(vector))) : Promise.resolve(vector);
  const slow = await PluggedModel.of({ embed }, { id: 'slow', timeout: 1 });
  hangs = true;
  for (let turn = 0; turn < 4; turn++)
    t.deepEqual(await slow.triage(REQUEST), { fault: 'has not answered in time' });
  t.deepEqual(await slow.triage(REQUEST), { fault: 'has too much to answer' });
  t.is(waiting.length, 4);
  for (const answer of waiting) answer();
  hangs = false;
  t.false(
    'fault' in (await (await PluggedModel.of({ embed }, { id: 'slow', timeout: PATIENCE })).triage(REQUEST)),
  );
});
