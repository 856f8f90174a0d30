/** Statements and sessions to learn from, wherever they come from. */
import type { SessionRecord } from '../session/record.ts';

export interface StatementExample {
  readonly sql: string;
  readonly bad: boolean;
  /** Family of an attack, kind of a harmless statement: for reports. */
  readonly kind: string;
  /** Where it comes from: statements of one source are never on both sides of a fold. */
  readonly source: string;
  /** The text alone does not settle it. */
  readonly contextual: boolean;
  /** Harmless, though it looks dangerous. */
  readonly hard: boolean;
  /** The source of the harmless statement that an attack was put into. */
  readonly base?: string;
}

/** `bad`: indexes of the bad statements. */
export interface SessionExample {
  readonly session: SessionRecord;
  readonly bad: readonly number[];
  /** Harmless and bad sessions of one scenario are never on both sides of a fold. */
  readonly scenario: string;
}

/** What a training set is read from: files of examples, or a trail with reviewers' verdicts. */
export interface ExampleSource {
  /** For the model card. */
  readonly name: string;
  statements(): readonly StatementExample[];
  sessions(): readonly SessionExample[];
}
