/** A sentence-embedding model beside the built-in one: asked in time, or not at all. */
import { NearestExamples } from '../../classifier/triage/embedding/nearest-examples.ts';
import { type Embedder, SentenceModel } from '../../classifier/triage/embedding/sentence-model.ts';
import { ownExamples } from '../../classifier/triage/examples.ts';
import type { TriageRequest, TriageResult } from '../../classifier/triage/request.ts';
import { Triage } from '../../classifier/triage/triage.ts';

/** Questions under way at one time; more are not waited for. */
const MOST_UNDERWAY = 4;

export interface Unasked {
  /** A few words for people. */
  readonly fault: string;
}

export class PluggedModel {
  readonly id: string;
  readonly #embedder: Embedder;
  readonly #examples: NearestExamples;
  readonly #timeout: number;
  #underway = 0;

  /** `timeout`: ms. Rejects with a ModelError where the folder has no sound model. */
  static async open(folder: string, timeout: number): Promise<PluggedModel> {
    const model = await SentenceModel.open(folder);
    return PluggedModel.of(model, { id: model.id, timeout });
  }

  static async of(
    model: Embedder,
    { id, timeout }: { readonly id: string; readonly timeout: number },
  ): Promise<PluggedModel> {
    return new PluggedModel(model, await NearestExamples.of(model, ownExamples()), { id, timeout });
  }

  private constructor(
    embedder: Embedder,
    examples: NearestExamples,
    { id, timeout }: { readonly id: string; readonly timeout: number },
  ) {
    this.#embedder = embedder;
    this.#examples = examples;
    this.#timeout = timeout;
    this.id = id;
  }

  /** Never rejects. */
  async triage(request: TriageRequest): Promise<TriageResult | Unasked> {
    if (this.#underway >= MOST_UNDERWAY) return { fault: 'has too much to answer' };
    this.#underway++;
    const embedded = this.#embedder.embed(request.text).finally(() => {
      this.#underway--;
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, this.#timeout, null);
    });
    try {
      const vector = await Promise.race([embedded, late]);
      if (vector === null) return { fault: 'has not answered in time' };
      const answers = this.#examples.answers(vector);
      return new Triage(() => answers).triage(request);
    } catch (fault) {
      return { fault: `has failed: ${fault instanceof Error ? fault.message : fault}` };
    } finally {
      clearTimeout(timer);
      embedded.catch(() => {}); // late, and then failed: nobody waits for it any more
    }
  }
}
