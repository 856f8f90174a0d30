/** A model at work: scores statements by themselves, and keeps the evidence of sessions. Synchronous; runs on a thread. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  factsOf,
  featureText,
  STATEMENT_FEATURE_NAMES,
  type StatementFacts,
} from '../../classifier/features/statement-features.ts';
import {
  chanceOf,
  inputOf,
  type StatementModel,
  statementLogOdds,
} from '../../classifier/model/statement-model.ts';
import { treesContributions } from '../../classifier/model/trees.ts';
import { readSessionModel } from '../../classifier/onnx/session-graph.ts';
import { readStatementModel } from '../../classifier/onnx/statement-graph.ts';
import {
  accumulate,
  type SessionModel,
  sessionLogOdds,
  stepLogOdds,
} from '../../classifier/session/session-model.ts';
import { SessionSteps, STEP_FEATURE_NAMES, STEP_FEATURES } from '../../classifier/session/step-features.ts';
import type { Assessment, Question, Score } from './assessment.ts';

/** Of a model's directory. */
export const MODEL_FILES = ['statement.onnx', 'session.onnx'] as const;

const MOST_REASONS = 5;

export interface Assessor {
  /** Hash of the model's files. */
  readonly model: string;
  assess(question: Question): Assessment;
  forget(session: string): void;
}

/** What a session has shown. A statement counts when it is known what came of it: with the next question. */
interface Evidence {
  readonly steps: SessionSteps;
  last: { readonly facts: StatementFacts; readonly logOdds: number; readonly at: number } | null;
  sum: number;
  reasons: readonly string[];
}

/** Rejects if the files are no model. */
export async function openAssessor(directory: string): Promise<Assessor> {
  const [statement, session] = await Promise.all(MODEL_FILES.map((name) => readFile(join(directory, name))));
  const { model } = readStatementModel(statement!);
  const hash = createHash('sha256').update(statement!).update(session!).digest('hex');
  return new ModelAssessor(hash, model, readSessionModel(session!));
}

class ModelAssessor implements Assessor {
  readonly model: string;
  readonly #statements: StatementModel;
  readonly #sessions: SessionModel;
  readonly #evidence = new Map<string, Evidence>();

  constructor(hash: string, statements: StatementModel, sessions: SessionModel) {
    this.model = hash;
    this.#statements = statements;
    this.#sessions = sessions;
  }

  assess({ session, context, sql, at, since }: Question): Assessment {
    const evidence = this.#evidence.get(session) ?? newEvidence(new SessionSteps(context));
    this.#evidence.set(session, evidence);
    this.#complete(evidence, since);
    const facts = factsOf(sql);
    const input = inputOf(facts);
    const logOdds = statementLogOdds(this.#statements, input);
    evidence.last = { facts, logOdds, at };
    return {
      kind: 'scored',
      model: this.model,
      statement: { score: chanceOf(logOdds), reasons: this.#reasons(input.row) },
      session: this.#score(evidence),
    };
  }

  forget(session: string): void {
    this.#evidence.delete(session);
  }

  #complete(evidence: Evidence, { rows, errors }: Question['since']): void {
    if (evidence.last === null) return;
    const { facts, logOdds, at } = evidence.last;
    const row = evidence.steps.add(facts, logOdds, { rows, ...(errors > 0 && { err: 'XX000' }) }, at);
    evidence.sum = accumulate(this.#sessions, evidence.sum, stepLogOdds(this.#sessions, row));
    evidence.reasons = weightiest(row, this.#sessions.steps.weights);
  }

  #score({ sum, reasons }: Evidence): Score {
    return { score: chanceOf(sessionLogOdds(this.#sessions, sum)), reasons };
  }

  #reasons(row: Float32Array): readonly string[] {
    const contributions = treesContributions(this.#statements.trees, row);
    return topOf(contributions, (index) => featureText(STATEMENT_FEATURE_NAMES[index]!).sentence);
  }
}

const newEvidence = (steps: SessionSteps): Evidence => ({ steps, last: null, sum: 0, reasons: [] });

function weightiest(row: Float32Array, weights: Float32Array): readonly string[] {
  const contributions = Float64Array.from(row, (value, index) => value * weights[index]!);
  return topOf(contributions, (index) => STEP_FEATURES[STEP_FEATURE_NAMES[index]!].sentence);
}

function topOf(contributions: Float64Array, sentence: (index: number) => string): readonly string[] {
  return [...contributions.entries()]
    .filter(([, value]) => value > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_REASONS)
    .map(([index]) => sentence(index));
}
