import type { Verdict } from '../guardrails/types.ts';
import type { Approvable } from './holds/approval.ts';

export type Examine = () => Verdict | Promise<Verdict>;

/** A message that a client wants to have forwarded, with a text behind it. */
export interface Attempt {
  readonly via: 'query' | 'parse' | 'bind' | 'execute';
  /** The verdict on it as of now. */
  readonly examine: Examine;
  readonly subject: Approvable;
  /** For a reviewer: see HeldStatement. */
  readonly parameters: readonly (string | null)[] | null;
  /** Texts of the prepared statements that it executes by SQL, as examined last. */
  readonly executed: () => readonly string[];
}
