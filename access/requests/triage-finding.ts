import type { Scope } from '../../guardrails/types.ts';
import type { Triage } from '../policy/policy.ts';

/** What triage says of a request: for the policy, and for whoever reviews it. */
export interface TriageFinding extends Triage {
  /** What it is for, the likeliest first. */
  readonly intents: readonly string[];
  /** The least that does what the text says, of what there is; empty: the text does not tell. */
  readonly scope: Scope;
  /** ms that do. */
  readonly ttl: number;
  /** Sentences. */
  readonly reasons: readonly string[];
  /** Which model has answered. */
  readonly model: string;
}
