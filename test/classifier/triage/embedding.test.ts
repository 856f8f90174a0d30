import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { ModelError } from '../../../classifier/model-files.ts';
import { NearestExamples } from '../../../classifier/triage/embedding/nearest-examples.ts';
import { SentenceModel } from '../../../classifier/triage/embedding/sentence-model.ts';
import { WordPiece } from '../../../classifier/triage/embedding/word-piece.ts';
import { ownExamples } from '../../../classifier/triage/examples.ts';
import { openTriage } from '../../../classifier/triage/model-folder.ts';
import { DECISIONS, type TriageRequest } from '../../../classifier/triage/request.ts';
import { stricterResult } from '../../../classifier/triage/stricter-result.ts';
import { Triage } from '../../../classifier/triage/triage.ts';
import { type Answers, HEADS } from '../../../classifier/triage/triage-model.ts';
import { writeTinyModel, writeTokenizer, writeVocabulary } from './tiny-sentence-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-embedding-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const vocabulary = (tokens: readonly string[]) => new Map(tokens.map((token, id) => [token, id]));
const TOKENS = [
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  'un',
  '##aff',
  '##able',
  'order',
  '##s',
  ',',
  '!',
  '订',
  '单',
  'é',
];

const TEXTS: readonly (readonly [string, readonly string[]])[] = [
  ['unaffable', ['un', '##aff', '##able']],
  ['Orders, order!', ['order', '##s', ',', 'order', '!']],
  ['ÓRDER', ['order']],
  ['unaffably', ['[UNK]']],
  ['订单order', ['订', '单', 'order']],
  ['  \u0000\u200border\t', ['order']],
  ['', []],
  ['x'.repeat(500), ['[UNK]']],
];
for (const [text, pieces] of TEXTS)
  test(`pieces of words: ${JSON.stringify(text.slice(0, 30))}`, (t) => {
    const words = new WordPiece(vocabulary(TOKENS), { uncased: true, most: 256 });
    t.deepEqual(
      words.tokens(text).map((id) => TOKENS[id]),
      ['[CLS]', ...pieces, '[SEP]'],
    );
  });

test('long texts are cut, and cased ones keep their letters', (t) => {
  const words = new WordPiece(vocabulary(TOKENS), { uncased: false, most: 8 });
  t.is(words.tokens('order '.repeat(50)).length, 8);
  t.deepEqual(
    words.tokens('Order é').map((id) => TOKENS[id]),
    ['[CLS]', '[UNK]', 'é', '[SEP]'],
  );
  t.throws(() => new WordPiece(vocabulary(['a']), { uncased: true, most: 8 }), { message: /no \[CLS\]/ });
});

const WORDS = ['report', 'orders', 'delete', 'all', 'the', 'weekly', 'customer', 'broken'];

test('a model of that form embeds texts, by either vocabulary, whatever inputs it takes', async (t) => {
  const text = 'the weekly report of the orders';
  const models = await Promise.all(
    [
      { name: 'vocab', inputs: undefined, vocabulary: writeVocabulary },
      { name: 'tokenizer', inputs: undefined, vocabulary: writeTokenizer },
      { name: 'ids', inputs: ['input_ids'], vocabulary: writeVocabulary },
    ].map(async ({ name, inputs, vocabulary }) => {
      writeTinyModel(join(folder, name), { words: WORDS, ...(inputs && { inputs }) }, vocabulary);
      return await SentenceModel.open(join(folder, name));
    }),
  );
  const vectors = await Promise.all(models.map((model) => model.embed(text)));
  for (const vector of vectors) {
    t.is(vector.length, 8);
    t.true(Math.abs(Math.hypot(...vector) - 1) < 1e-6);
    t.deepEqual(vector, vectors[0]);
  }
  t.notDeepEqual(await models[0]?.embed('delete all'), vectors[0]);
  t.regex(models[0]?.id ?? '', /^[0-9a-f]{12}$/);
});

const FAULTS: readonly (readonly [string, (folder: string) => void, RegExp])[] = [
  ['nothing', () => {}, /model\.onnx/],
  ['no model', (at) => writeFileSync(join(at, 'model.onnx'), 'onnx'), /protobuf|model/i],
  ['no vocabulary', (at) => writeTinyModel(at, { words: WORDS }, () => {}), /vocab\.txt/],
  [
    'a vocabulary of something else',
    (at) => writeTinyModel(at, { words: WORDS }, (to) => writeFileSync(join(to, 'vocab.txt'), 'a\nb')),
    /no \[CLS\]/,
  ],
  [
    'a tokenizer of another kind',
    (at) =>
      writeTinyModel(at, { words: WORDS }, (to) =>
        writeFileSync(join(to, 'tokenizer.json'), '{"model": {"type": "BPE", "vocab": {}}}'),
      ),
    /no WordPiece/,
  ],
  ['other inputs', (at) => writeTinyModel(at, { words: WORDS, inputs: ['pixels'] }), /takes pixels/],
  [
    'fewer vectors than tokens',
    (at) => writeTinyModel(at, { words: WORDS, broken: 11 }),
    /out of|indices|bounds/i,
  ],
];
for (const [name, write, message] of FAULTS)
  test(`a folder with ${name} is refused`, async (t) => {
    const at = join(folder, name);
    mkdirSync(at);
    write(at);
    await t.throwsAsync(SentenceModel.open(at), { instanceOf: ModelError, message });
  });

test('the nearest examples answer, in shares that add up to 1', async (t) => {
  const at = join(folder, 'nearest');
  writeTinyModel(at, { words: WORDS });
  const model = await SentenceModel.open(at);
  const examples = ownExamples();
  const nearest = await NearestExamples.of(model, examples);
  const answers = nearest.answers(await model.embed(examples[0]?.request.text ?? ''));
  for (const head of ['intent', 'risk', 'decision'] as const)
    t.true(Math.abs(answers[head].reduce((sum, share) => sum + share, 0) - 1) < 1e-9, head);
});

const number = fc.oneof(fc.double(), fc.constantFrom(0, 1, Number.NaN, -1, Number.POSITIVE_INFINITY));
const shares = (head: keyof typeof HEADS): fc.Arbitrary<Float64Array> =>
  fc.array(number, { maxLength: HEADS[head].length }).map((values) => Float64Array.from(values));
const answers: fc.Arbitrary<Answers> = fc.record({
  intent: shares('intent'),
  risk: shares('risk'),
  decision: shares('decision'),
});

test('two models together are in nothing more lenient than either', (t) => {
  const builtin = openTriage();
  const stricter = () =>
    fc.assert(
      fc.property(answers, fc.constantFrom(...ownExamples()), (answer, { request }) => {
        const [one, other] = [
          builtin.triage(request),
          new Triage(() => answer).triage(request as TriageRequest),
        ];
        const both = stricterResult(one, other);
        return [one, other].every(
          (each) =>
            DECISIONS.indexOf(both.decision) >= DECISIONS.indexOf(each.decision) &&
            both.riskScore >= each.riskScore &&
            both.confidence <= each.confidence &&
            (both.suspicious || !each.suspicious) &&
            (both.doubtful || !each.doubtful) &&
            both.ttlMinutes <= each.ttlMinutes &&
            both.scope.every((name) => each.scope.includes(name)) &&
            both.actions.every((action) => each.actions.includes(action)),
        );
      }),
      { numRuns: 300 },
    );
  t.notThrows(stricter);
});
