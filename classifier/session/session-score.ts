/** The score of one session as it goes on: evidence adds up, leaks, and tells what it is made of. */
import type { StatementFacts } from '../features/statement-features.ts';
import { chanceOf } from '../model/statement-model.ts';
import { type Reason, reasonOf, topReasons } from '../reason.ts';
import type { SessionContext, StatementOutcome } from './record.ts';
import { accumulate, type SessionModel, sessionLogOdds, stepLogOdds } from './session-model.ts';
import { SessionSteps, STEP_FEATURE_NAMES, STEP_FEATURES } from './step-features.ts';

export interface SessionScored {
  /** Calibrated, in [0, 1]: of the session after this statement. */
  readonly score: number;
  readonly logOdds: number;
  /** Log-odds of this statement in the light of the session. */
  readonly step: number;
}

export class SessionScore {
  readonly #model: SessionModel;
  readonly #steps: SessionSteps;
  readonly #shares: Float64Array;
  #evidence = 0;
  #last: Float32Array;

  constructor(model: SessionModel, context: SessionContext) {
    this.#model = model;
    this.#steps = new SessionSteps(context);
    this.#shares = new Float64Array(STEP_FEATURE_NAMES.length);
    this.#last = model.usual;
  }

  /** A statement when it has ended, or one that is about to run: then with what is known of it. */
  add(facts: StatementFacts, textLogOdds: number, outcome: StatementOutcome = {}): SessionScored {
    const row = this.#steps.add(facts, textLogOdds, outcome);
    const step = stepLogOdds(this.#model, row);
    this.#evidence = accumulate(this.#model, this.#evidence, step);
    this.#share(row);
    const logOdds = sessionLogOdds(this.#model, this.#evidence);
    return { score: chanceOf(logOdds), logOdds, step };
  }

  /** What the evidence so far is made of. */
  reasons(): readonly Reason[] {
    return topReasons(
      STEP_FEATURE_NAMES.map((name, at) =>
        reasonOf(
          name,
          STEP_FEATURES[name].sentence,
          this.#last[at] as number,
          this.#model.usual[at] as number,
          this.#shares[at] as number,
        ),
      ),
    );
  }

  /** Parts leak as the whole does, and are gone when nothing is left of it. */
  #share(row: Float32Array): void {
    const { leak, steps, usual } = this.#model;
    this.#last = row;
    for (let at = 0; at < row.length; at++) {
      const part = (steps.weights[at] as number) * ((row[at] as number) - (usual[at] as number));
      this.#shares[at] = this.#evidence === 0 ? 0 : leak * (this.#shares[at] as number) + part;
    }
  }
}

/** Log-odds that the context of a single statement adds to those of its text, and why. */
export function contextReasons(
  model: SessionModel,
  context: SessionContext,
  facts: StatementFacts,
  textLogOdds: number,
  outcome: StatementOutcome,
): readonly Reason[] {
  const row = new SessionSteps(context).add(facts, textLogOdds, outcome);
  return STEP_FEATURE_NAMES.flatMap((name, at) => {
    const [value, usual] = [row[at] as number, model.usual[at] as number];
    if (name === 'textEvidence' || value === 0) return [];
    return [
      reasonOf(name, STEP_FEATURES[name].sentence, value, usual, (model.steps.weights[at] as number) * value),
    ];
  });
}
