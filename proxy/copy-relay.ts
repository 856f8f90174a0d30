/** Which COPY data may pass, and what else may come while a COPY FROM STDIN is open. */
import { COPY_END, type Pipeline } from './pipeline.ts';
import { FRONTEND } from './wire/message-types.ts';

const DURING_COPY: ReadonlySet<number> = new Set([
  FRONTEND.copyData,
  FRONTEND.copyDone,
  FRONTEND.copyFail,
  FRONTEND.flush,
  FRONTEND.sync,
  FRONTEND.terminate,
]);

export class CopyRelay {
  readonly #pipeline: Pipeline;

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
  }

  violatedBy(type: number): boolean {
    return this.#pipeline.copyIn && !DURING_COPY.has(type);
  }

  /** INVARIANT: copy data passes only for an allowed COPY FROM STDIN that is open, or sent and not answered yet. */
  accepts(type: number): boolean {
    const expected = this.#pipeline.some(({ run }) => run?.verdict.effects.copyIn === true);
    if (expected && type !== FRONTEND.copyData) this.#pipeline.push(COPY_END);
    return expected;
  }
}
