/** A model at work: scores statements by themselves, and keeps the evidence of sessions. Synchronous; runs on a thread. */

import { DriftCounts } from '../../classifier/drift/drift-counts.ts';
import type { StatementFacts } from '../../classifier/features/statement-features.ts';
import { chanceOf, inputOf, statementLogOdds } from '../../classifier/model/statement-model.ts';
import type { Reason } from '../../classifier/reason.ts';
import { openScorer, type Scorer } from '../../classifier/scorer.ts';
import type { StatementOutcome } from '../../classifier/session/record.ts';
import type { SessionScore } from '../../classifier/session/session-score.ts';
import type {
  Assessment,
  Inquiry,
  Measurement,
  ModelCard,
  Opinion,
  Question,
  Sample,
  Score,
} from './assessment.ts';

/** What a session has shown. A statement counts when it is known what came of it: with the next question. */
interface Evidence {
  readonly score: SessionScore;
  scored: number;
  last: {
    readonly facts: StatementFacts;
    readonly textLogOdds: number;
    readonly about: StatementOutcome;
  } | null;
}

export class Assessor {
  readonly #scorer: Scorer;
  readonly #sessions = new Map<string, Evidence>();
  #older: DriftCounts | null = null;
  #newer: DriftCounts;

  /** `builtin`, or a folder. Rejects if there is no sound model. */
  static async open(model: string): Promise<Assessor> {
    return new Assessor(await (model === 'builtin' ? openScorer() : openScorer(model)));
  }

  private constructor(scorer: Scorer) {
    this.#scorer = scorer;
    this.#newer = new DriftCounts(scorer.files.facts.reference);
  }

  get card(): ModelCard {
    const { id, facts } = this.#scorer.files;
    return { model: id, points: facts.operatingPoints };
  }

  assess(question: Question): Assessment {
    const { session, context, sql, t, novelty, classes, since, explainFrom = 0 } = question;
    const evidence = this.#evidenceOf(session, context);
    complete(evidence, since);
    const facts = this.#scorer.facts(sql);
    const about = {
      ...(t !== undefined && { t }),
      ...(novelty !== undefined && { novelty }),
      ...(classes !== undefined && { classes }),
    };
    const scored = this.#scorer.score({ sql, facts, context: { ...context, ...about } });
    evidence.last = { facts, textLogOdds: scored.textLogOdds, about };
    const explains = Math.max(scored.score, evidence.scored) >= explainFrom;
    return {
      kind: 'scored',
      model: this.#scorer.files.id,
      statement: { score: scored.score, ...told(explains ? scored.reasons : []) },
      session: { score: evidence.scored, ...told(explains ? evidence.score.reasons() : []) },
    };
  }

  /** Leaves no trace. */
  inquire({ sql, context }: Inquiry): Opinion {
    const facts = this.#scorer.facts(sql);
    const { score, logOdds, textLogOdds, reasons } = this.#scorer.score({ sql, facts, context });
    const probability = chanceOf(textLogOdds);
    return { kind: 'opinion', model: this.#scorer.files.id, score, logOdds, probability, reasons };
  }

  measure({ sqls, turn }: Sample): Measurement {
    const { statement, facts, id } = this.#scorer.files;
    if (turn) {
      this.#older = this.#newer;
      this.#newer = new DriftCounts(facts.reference);
    }
    for (const sql of sqls) {
      const input = inputOf(this.#scorer.facts(sql));
      this.#newer.add(input.row, statementLogOdds(statement, input));
    }
    const window = this.#older === null ? [this.#newer] : [this.#older, this.#newer];
    const statements = window.reduce((sum, part) => sum + part.statements, 0);
    return { kind: 'measured', model: id, statements, drifts: DriftCounts.drifts(window) };
  }

  forget(session: string): void {
    this.#sessions.delete(session);
  }

  #evidenceOf(session: string, context: Question['context']): Evidence {
    const known = this.#sessions.get(session);
    if (known !== undefined) return known;
    const evidence = { score: this.#scorer.session(context), scored: 0, last: null };
    this.#sessions.set(session, evidence);
    return evidence;
  }
}

function complete(evidence: Evidence, since: Question['since']): void {
  if (evidence.last === null) return;
  const { facts, textLogOdds, about } = evidence.last;
  evidence.scored = evidence.score.add(facts, textLogOdds, { ...about, ...since }).score;
}

/** What speaks for the risk, in words. */
function told(all: readonly Reason[]): Pick<Score, 'reasons' | 'weights'> {
  const raising = all.filter(({ direction }) => direction === 'up');
  return {
    reasons: raising.map(({ sentence, value, usual }) => `${sentence} (${value}, usually ${usual})`),
    weights: raising.map(({ contribution }) => Math.round(contribution * 1000) / 1000),
  };
}
