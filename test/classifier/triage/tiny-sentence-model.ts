/**
 * A sentence-embedding model as exporters write it, only small: each token has a vector (`Gather`), which is the last hidden
 * state. Field numbers of onnx.proto.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { floatBytes, MessageWriter } from '../../../classifier/onnx/protobuf.ts';

const FLOAT = 1;
const INT64 = 7;
const WIDTH = 8;

export interface TinyModel {
  /** One token a line; beside the special ones. */
  readonly words: readonly string[];
  /** The last so many words have no vector: the model fails at them. */
  readonly broken?: number;
  readonly inputs?: readonly string[];
  readonly output?: string;
}

/** Writes `model.onnx`; `vocabulary` is what writes the tokens beside it. */
export function writeTinyModel(folder: string, tiny: TinyModel, vocabulary = writeVocabulary): void {
  mkdirSync(folder, { recursive: true });
  const tokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', ...tiny.words];
  writeFileSync(join(folder, 'model.onnx'), modelOf(tiny, tokens.length - (tiny.broken ?? 0)));
  vocabulary(folder, tokens);
}

export function writeVocabulary(folder: string, tokens: readonly string[]): void {
  writeFileSync(join(folder, 'vocab.txt'), tokens.join('\n'));
}

export function writeTokenizer(folder: string, tokens: readonly string[]): void {
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const tokenizer = { normalizer: { lowercase: true }, model: { type: 'WordPiece', vocab } };
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
}

function modelOf(
  { inputs = ['input_ids', 'attention_mask', 'token_type_ids'], output = 'last_hidden_state' }: TinyModel,
  rows: number,
): Uint8Array {
  const vectors = Float32Array.from({ length: rows * WIDTH }, (_, at) =>
    vectorAt(Math.floor(at / WIDTH), at % WIDTH),
  );
  const table = new MessageWriter()
    .ints(1, [rows, WIDTH])
    .int(2, FLOAT)
    .text(8, 'vectors')
    .bytes(9, floatBytes(vectors));
  const gather = new MessageWriter()
    .text(1, 'vectors')
    .text(1, inputs[0] ?? '')
    .text(2, output)
    .text(4, 'Gather');
  const graph = new MessageWriter().message(1, gather).text(2, 'tiny').message(5, table);
  for (const name of inputs) graph.message(11, valueInfo(name, INT64, ['batch', 'sequence']));
  graph.message(12, valueInfo(output, FLOAT, ['batch', 'sequence', WIDTH]));
  const opset = new MessageWriter().text(1, '').int(2, 17);
  return new MessageWriter().int(1, 8).message(7, graph).message(8, opset).finish();
}

/** Each token leans its own way. */
const vectorAt = (token: number, column: number): number => Math.sin(1 + token * 7 + column * 3);

function valueInfo(name: string, type: number, dims: readonly (string | number)[]): MessageWriter {
  const shape = new MessageWriter();
  for (const dim of dims)
    shape.message(
      1,
      typeof dim === 'number' ? new MessageWriter().int(1, dim) : new MessageWriter().text(2, dim),
    );
  const tensor = new MessageWriter().int(1, type).message(2, shape);
  return new MessageWriter().text(1, name).message(2, new MessageWriter().message(1, tensor));
}
