import type { Facts } from '../guardrails/facts.ts';
import { type Redaction, redaction } from '../guardrails/redact.ts';
import type { PreparedLookup } from '../proxy/ports.ts';

/** Facts, and what came with them from a thread that has read the text: see Verdict. */
export interface ReadFacts extends Facts {
  /** Absent: nobody has looked for secrets yet. */
  readonly redactedText?: string;
  readonly redactedJson?: Uint8Array;
  readonly secretParameters?: readonly number[];
}

/** `sql` without its secrets, as the thread has found them, or else as they are found here. */
export function redactionOf(
  { redactedText, secretParameters = [] }: ReadFacts,
  sql: string,
  prepared: PreparedLookup,
): Redaction {
  if (redactedText !== undefined) return { redactedText, secretParameters };
  return redaction(sql, (name) => prepared(name)?.secretParameters);
}
