/**
 * The front of the classifier: opens a model folder and scores statements and sessions, synchronously, without any I/O.
 * Scores are calibrated at the share of bad statements of the training set; what to do about a score is the policy's.
 */
import { explainStatement } from './explanation.ts';
import { factsOf, type StatementFacts } from './features/statement-features.ts';
import { chanceOf, inputOf, statementLogOdds } from './model/statement-model.ts';
import { type ModelFiles, readModelFiles } from './model-files.ts';
import { type Reason, topReasons } from './reason.ts';
import type { SessionContext, StatementOutcome } from './session/record.ts';
import { contextReasons, SessionScore } from './session/session-score.ts';

/** The model that comes with Postern. */
export const SHIPPED_MODEL: string = new URL('./models/shipped', import.meta.url).pathname;

export interface ScoreRequest {
  readonly sql: string;
  /** The facts of `sql`, where they were worked out before. */
  readonly facts?: StatementFacts;
  /** What is missing is neutral. */
  readonly context?: SessionContext & StatementOutcome;
}

export interface Score {
  /** In [0, 1]. */
  readonly score: number;
  readonly logOdds: number;
  /** Log-odds of the text by itself: what `SessionScore.add` takes. */
  readonly textLogOdds: number;
  /** Three to five features that moved the score most, the one that raises it most first. Worked out when asked for. */
  readonly reasons: readonly Reason[];
}

export class Scorer {
  readonly files: ModelFiles;

  constructor(files: ModelFiles) {
    this.files = files;
  }

  facts(sql: string): StatementFacts {
    return factsOf(sql);
  }

  /** Log-odds of a text by itself: what `SessionScore.add` takes. */
  textLogOdds(facts: StatementFacts): number {
    return statementLogOdds(this.files.statement, inputOf(facts));
  }

  score({ sql, facts = factsOf(sql), context }: ScoreRequest): Score {
    const { statement, session } = this.files;
    const input = inputOf(facts);
    const textLogOdds = statementLogOdds(statement, input);
    const around = context === undefined ? [] : contextReasons(session, context, facts, textLogOdds, context);
    const logOdds = around.reduce((sum, { contribution }) => sum + contribution, textLogOdds);
    return {
      score: chanceOf(logOdds),
      logOdds,
      textLogOdds,
      get reasons() {
        return topReasons([...explainStatement(statement, input), ...around]);
      },
    };
  }

  session(context: SessionContext): SessionScore {
    return new SessionScore(this.files.session, context);
  }
}

/** Throws a ModelError where the folder has no sound model. */
export async function openScorer(folder: string = SHIPPED_MODEL): Promise<Scorer> {
  return new Scorer(await readModelFiles(folder));
}
