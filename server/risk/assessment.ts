/** What passes between a process and its model's thread. */
import type { SessionContext } from '../../classifier/session/record.ts';
import type { OperatingPoints } from './limits.ts';

/** An unusual statement, to be scored by itself and as the next step of its session. */
export interface Question {
  readonly session: string;
  readonly context: SessionContext;
  readonly sql: string;
  /** What the session came to since its last question. */
  readonly since: { readonly rows: number; readonly errors: number };
}

export interface Score {
  /** In [0, 1], calibrated. */
  readonly score: number;
  /** Sentences, the weightiest first. */
  readonly reasons: readonly string[];
}

export interface Assessment {
  readonly kind: 'scored';
  /** Which model. */
  readonly model: string;
  readonly statement: Score;
  /** Evidence of the whole session, this statement among it. */
  readonly session: Score;
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
  | { readonly kind: 'forget'; readonly session: string };

export type ThreadAnswer =
  | ({ readonly kind: 'ready' } & ModelCard)
  | { readonly kind: 'unusable'; readonly message: string }
  | { readonly kind: 'assessed'; readonly number: number; readonly assessment: Assessment }
  | { readonly kind: 'failed'; readonly number: number; readonly message: string };

export const unscored = (cause: UnscoredCause): Unscored => ({ kind: 'unscored', cause });
