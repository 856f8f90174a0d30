import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { ModelError } from '../../../classifier/model-files.ts';
import { judged, judgedByFolds, triageFigures } from '../../../classifier/triage/evaluate-triage.ts';
import { ownExamples } from '../../../classifier/triage/examples.ts';
import { FEATURES, inputOf, WORDING_SIZE } from '../../../classifier/triage/features.ts';
import { fitTriage } from '../../../classifier/triage/fit-triage.ts';
import { groundsOf } from '../../../classifier/triage/grounds.ts';
import {
  openTriage,
  readTriageFolder,
  SHIPPED_TRIAGE,
  writeTriageFolder,
} from '../../../classifier/triage/model-folder.ts';
import { readingOf } from '../../../classifier/triage/reading.ts';
import { triageFeeds } from '../../../classifier/triage/triage-graph.ts';
import { answersOf, HEAD_NAMES } from '../../../classifier/triage/triage-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-triage-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
const own = ownExamples();

test('there are at least 150 own examples, in several languages, of every decision', (t) => {
  t.true(own.length >= 150);
  t.true(new Set(own.map(({ language }) => language)).size >= 4);
  t.is(new Set(own.map(({ decision }) => decision)).size, 3);
});

test('training again gives the same bytes', (t) => {
  const options = { seed: 1, rounds: 2 };
  for (const name of ['once', 'again'])
    writeTriageFolder(join(folder, name), fitTriage(own, options), { seed: 1, data: { own: own.length } });
  for (const file of ['triage.onnx', 'model.json'])
    t.true(readFileSync(join(folder, 'once', file)).equals(readFileSync(join(folder, 'again', file))), file);
});

test('TypeScript and ONNX Runtime agree on every answer of the shipped model', async (t) => {
  const { model } = readTriageFolder(SHIPPED_TRIAGE);
  const inputs = own.map(({ request }) => {
    const reading = readingOf(request);
    return inputOf(reading, groundsOf(reading));
  });
  const session = await InferenceSession.create(join(SHIPPED_TRIAGE, 'triage.onnx'));
  const { features, wording } = triageFeeds(inputs);
  const there = await session.run({
    features: new Tensor('float32', features, [inputs.length, FEATURES.length]),
    wording: new Tensor('float32', wording, [inputs.length, WORDING_SIZE]),
  });
  for (const head of HEAD_NAMES) {
    const shares = there[head]?.data as Float32Array;
    inputs.forEach((input, index) => {
      const here = answersOf(model, input)[head];
      here.forEach((share, answer) => {
        t.true(Math.abs((shares[index * here.length + answer] as number) - share) <= 1e-5, head);
      });
    });
  }
});

test('the shipped model is small, and knows the examples that come with it', (t) => {
  t.true(statSync(join(SHIPPED_TRIAGE, 'triage.onnx')).size <= 500_000);
  const figures = triageFigures(judged(openTriage(), own));
  t.is(figures.deniedAutoApproved, 0);
  t.true(figures.reviewedAutoApproved <= 0.02);
  t.true(figures.decision >= 0.9);
  t.true(figures.topIntent >= 0.9);
  t.true(figures.scope >= 0.95);
});

test('a model does on requests that it has not seen what it has to', (t) => {
  const figures = triageFigures(judgedByFolds(own, []));
  t.is(figures.requests, own.length);
  t.is(figures.deniedAutoApproved, 0);
  t.true(figures.reviewedAutoApproved <= 0.02);
  t.true(figures.decision >= 0.85);
  t.true(figures.topIntent >= 0.85);
  t.true(figures.scope >= 0.8);
});

test('a folder without a sound model is refused', (t) => {
  t.throws(() => openTriage(join(folder, 'none')), {
    instanceOf: ModelError,
    message: /no sound triage model/,
  });
});
