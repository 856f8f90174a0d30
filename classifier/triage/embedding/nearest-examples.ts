/** Answers by the labelled requests that are nearest in meaning. */
import type { TriageExample } from '../examples.ts';
import { DECISIONS, INTENTS, RISKS } from '../request.ts';
import type { Answers } from '../triage-model.ts';
import type { Embedder } from './sentence-model.ts';

const NEAREST = 12;
/** How fast an example counts less with its distance: in cosines. */
const WARMTH = 0.05;

interface Labelled {
  readonly example: TriageExample;
  readonly vector: Float32Array;
}

export class NearestExamples {
  readonly #labelled: readonly Labelled[];

  /** Rejects where the model fails, or gives vectors of several widths. */
  static async of(model: Embedder, examples: readonly TriageExample[]): Promise<NearestExamples> {
    const labelled: Labelled[] = [];
    for (const example of examples)
      labelled.push({ example, vector: await model.embed(example.request.text) });
    if (new Set(labelled.map(({ vector }) => vector.length)).size > 1)
      throw new RangeError('the model gives vectors of several widths');
    return new NearestExamples(labelled);
  }

  private constructor(labelled: readonly Labelled[]) {
    this.#labelled = labelled;
  }

  /** Shares of the answers to each question; they add up to 1. */
  answers(vector: Float32Array): Answers {
    const nearest = this.#labelled
      .map(({ example, vector: other }) => ({ example, cosine: dot(vector, other) }))
      .sort((a, b) => b.cosine - a.cosine)
      .slice(0, NEAREST);
    const best = nearest[0]?.cosine ?? 0;
    const weights = nearest.map(({ cosine }) => Math.exp((cosine - best) / WARMTH));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const shares = <T>(
      names: readonly T[],
      labelsOf: (example: TriageExample) => readonly T[],
    ): Float64Array => {
      const sums = new Float64Array(names.length);
      nearest.forEach(({ example }, at) => {
        const labels = labelsOf(example);
        for (const label of labels) {
          const place = names.indexOf(label);
          sums[place] = (sums[place] as number) + (weights[at] as number) / labels.length / total;
        }
      });
      return sums;
    };
    return {
      intent: shares(INTENTS, ({ intents }) => intents),
      risk: shares(RISKS, ({ risk }) => [risk]),
      decision: shares(DECISIONS, ({ decision }) => [decision]),
    };
  }
}

const dot = (one: Float32Array, other: Float32Array): number =>
  one.reduce((sum, value, at) => sum + value * (other[at] as number), 0);
