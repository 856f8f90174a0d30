import type { GrantLine } from '../../guardrails/needed-lines.ts';
import type { ErrorFields, Verdict } from '../../guardrails/types.ts';
import type { HeldStatement } from '../ports.ts';

/** Why a statement is held: what a reviewer is asked, and what its client is told if they say no. */
export interface HoldQuestion {
  readonly cause: HeldStatement['cause'];
  readonly error: ErrorFields;
  /** What the grant lacks. */
  readonly lines: readonly GrantLine[];
  /** Sentences. */
  readonly reasons: readonly string[];
}

/** For what is out of the grant's scope, if lines would bring it in. */
export function scopeQuestion({ effect, error }: Verdict, lines: readonly GrantLine[]): HoldQuestion | null {
  if (effect !== 'hold' || error === null || lines.length === 0) return null;
  return { cause: 'scope', error, lines, reasons: error.detail?.split('\n') ?? [] };
}
