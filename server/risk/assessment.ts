/** What passes between a process and its model's thread. */
import type { Drift } from '../../classifier/drift/reference.ts';
import type { Reason } from '../../classifier/reason.ts';
import type { SessionContext, StatementNovelty, StatementOutcome } from '../../classifier/session/record.ts';
import type { OperatingPoints } from './limits.ts';

/** An unusual statement, to be scored by itself and as the next step of its session. */
export interface Question {
  readonly session: string;
  readonly context: SessionContext;
  readonly sql: string;
  /** Seconds since the session began. */
  readonly t?: number;
  /** Missing: there are no habits yet to tell by. */
  readonly novelty?: StatementNovelty;
  /** Classes of data that it touches; missing: the policy names none. */
  readonly classes?: readonly string[];
  /** Reasons are worked out where a score comes to this; missing: always. */
  readonly explainFrom?: number;
  /** What the session came to since its last question. */
  readonly since: {
    readonly rows: number;
    readonly bytes: number;
    /** Statements that failed or were refused. */
    readonly failures: number;
    /** Of a statement that ran longer than all before it, ms; 0: none did. */
    readonly ms: number;
  };
}

export interface Score {
  /** In [0, 1], calibrated. */
  readonly score: number;
  /** Sentences, the weightiest first; none below `explainFrom`. */
  readonly reasons: readonly string[];
  /** Log-odds that each of them adds. */
  readonly weights: readonly number[];
}

export interface Assessment {
  readonly kind: 'scored';
  /** Which model. */
  readonly model: string;
  readonly statement: Score;
  /** Evidence of the whole session, this statement among it. */
  readonly session: Score;
}

/** A statement that is not under way anywhere, to be scored by what is told of it. */
export interface Inquiry {
  readonly sql: string;
  readonly context: SessionContext & StatementOutcome;
}

export interface Opinion {
  readonly kind: 'opinion';
  readonly model: string;
  /** In [0, 1]: of the text in its context. */
  readonly score: number;
  readonly logOdds: number;
  /** In [0, 1]: of the text by itself, calibrated at the share of bad statements that the model was trained on. */
  readonly probability: number;
  /** At most five, what raises the score most first. */
  readonly reasons: readonly Reason[];
}

/** Statements to be counted towards drift, each of a form that was not counted yet. */
export interface Sample {
  readonly sqls: readonly string[];
  /** What was counted so far is the older half of the window; what was that is gone. */
  readonly turn: boolean;
}

export interface Measurement {
  readonly kind: 'measured';
  readonly model: string;
  /** Statements in the window. */
  readonly statements: number;
  /** The most drifted first; null: too few to tell. */
  readonly drifts: readonly Drift[] | null;
}

/** `missing`: there is no model; `broken`: it can't be loaded; `late`: no answer in time; `failed`: it threw. */
export type UnscoredCause = 'missing' | 'broken' | 'late' | 'failed';

export interface Unscored {
  readonly kind: 'unscored';
  readonly cause: UnscoredCause;
}

/** What a process needs to know of its model. */
export interface ModelCard {
  readonly model: string;
  readonly points: OperatingPoints;
}

export type ThreadQuestion =
  | { readonly kind: 'assess'; readonly number: number; readonly question: Question }
  | { readonly kind: 'measure'; readonly number: number; readonly sample: Sample }
  | { readonly kind: 'inquire'; readonly number: number; readonly inquiry: Inquiry }
  | { readonly kind: 'forget'; readonly session: string };

export type ThreadReply = Assessment | Opinion | Measurement;

export type ThreadAnswer =
  | ({ readonly kind: 'ready' } & ModelCard)
  | { readonly kind: 'unusable'; readonly message: string }
  | { readonly kind: 'answered'; readonly number: number; readonly answer: ThreadReply }
  | { readonly kind: 'failed'; readonly number: number; readonly message: string };

export const unscored = (cause: UnscoredCause): Unscored => ({ kind: 'unscored', cause });
