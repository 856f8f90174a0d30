/** A sentence-embedding model as exported for ONNX Runtime (`model.onnx` beside its vocabulary): MiniLM and its kind. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { ModelError } from '../../model-files.ts';
import { WordPiece } from './word-piece.ts';

/** Texts near in meaning have vectors of a small angle. */
export interface Embedder {
  /** Of length 1. Rejects where the model fails. */
  embed(text: string): Promise<Float32Array>;
}

/** Names that exporters give. */
const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids'];
const OUTPUTS = ['sentence_embedding', 'last_hidden_state', 'token_embeddings'];

/** One thread: requests are short. What fails is told by its error, not by lines on standard error. */
const OPTIONS = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 } as const;

export class SentenceModel implements Embedder {
  /** The beginning of the hash of its file. */
  readonly id: string;
  readonly #session: InferenceSession;
  readonly #words: WordPiece;
  readonly #output: string;

  /** Rejects with a ModelError where the folder has no such model, or it does not answer. */
  static async open(folder: string): Promise<SentenceModel> {
    try {
      const bytes = readFileSync(join(folder, 'model.onnx'));
      const session = await InferenceSession.create(bytes, OPTIONS);
      const model = new SentenceModel(session, WordPiece.in(folder), bytes);
      await model.embed('one text to try it');
      return model;
    } catch (error) {
      throw new ModelError(
        `${folder} has no sound sentence-embedding model: ${error instanceof Error ? error.message : error}`,
        error,
      );
    }
  }

  private constructor(session: InferenceSession, words: WordPiece, bytes: Uint8Array) {
    const unknown = session.inputNames.filter((name) => !INPUTS.includes(name));
    if (unknown.length > 0 || !session.inputNames.includes('input_ids'))
      throw new RangeError(`model.onnx takes ${session.inputNames.join(', ')}, not ${INPUTS.join(', ')}`);
    this.#session = session;
    this.#words = words;
    this.#output =
      OUTPUTS.find((name) => session.outputNames.includes(name)) ?? (session.outputNames[0] as string);
    this.id = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  }

  async embed(text: string): Promise<Float32Array> {
    const tokens = this.#words.tokens(text);
    const row = (value: (token: number) => bigint): Tensor =>
      new Tensor('int64', BigInt64Array.from(tokens, value), [1, tokens.length]);
    const all: Readonly<Record<string, Tensor>> = {
      input_ids: row(BigInt),
      attention_mask: row(() => 1n),
      token_type_ids: row(() => 0n),
    };
    const feeds = Object.fromEntries(this.#session.inputNames.map((name) => [name, all[name] as Tensor]));
    const { [this.#output]: answer } = await this.#session.run(feeds);
    if (answer === undefined || answer.type !== 'float32')
      throw new RangeError(`model.onnx gives no ${this.#output} of single precision`);
    return unit(pooled(answer.data as Float32Array, answer.dims));
  }
}

/** The mean over the tokens, unless the model has pooled them itself. */
function pooled(values: Float32Array, dims: readonly number[]): Float32Array {
  const width = dims.at(-1) ?? 0;
  const rows = values.length / width;
  if (width === 0 || (dims.length !== 2 && dims.length !== 3) || dims[0] !== 1)
    throw new RangeError(`model.onnx gives a tensor of ${dims.join(' x ')}`);
  const mean = new Float32Array(width);
  values.forEach((value, at) => {
    mean[at % width] = (mean[at % width] as number) + value / rows;
  });
  return mean;
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  if (!(length > 0 && Number.isFinite(length))) throw new RangeError('model.onnx gives no vector');
  return vector.map((value) => value / length);
}
