import { z } from 'zod';
import { ACTIONS, type Action } from '../guardrails/types.ts';

/** What an operator says to those whose statement lacks one of these actions on what these patterns name. */
export interface OperatorMessage {
  /** Of these databases; empty: of all. */
  readonly databases: readonly string[];
  readonly actions: readonly Action[];
  /** Patterns as in a grant, `!` excludes. */
  readonly on: readonly string[];
  /** Goes first in the DETAIL. */
  readonly message: string | null;
  /** Goes first in the HINT. */
  readonly hint: string | null;
}

/** Characters. Clients print errors into terminals and logs: no place for essays. */
const LONGEST = 500;

/** What could move a terminal's cursor, or turn the direction of a text. */
const CONTROL = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u;

const text = z
  .string()
  .trim()
  .min(1, 'is empty')
  .max(LONGEST, `is longer than ${LONGEST} characters`)
  .refine((value) => !CONTROL.test(value.replaceAll('\n', '')), 'has control characters')
  .nullable()
  .default(null);

const action = z.enum(ACTIONS, { error: `is none of ${ACTIONS.join(', ')}` });

const patterns = z
  .array(z.string().trim().min(1, 'is empty'))
  .refine((all) => all.some((pattern) => !pattern.startsWith('!')), 'names nothing');

/** `messages`: the first whose actions and patterns match is the one that speaks. */
export const operatorMessages = z.array(
  z
    .strictObject({
      databases: z.array(z.string().min(1)).default([]),
      actions: z
        .array(action)
        .min(1, 'names no action')
        .default([...ACTIONS]),
      on: patterns.default(['*']),
      message: text,
      hint: text,
    })
    .refine(({ message, hint }) => message !== null || hint !== null, 'has neither a message nor a hint'),
);
