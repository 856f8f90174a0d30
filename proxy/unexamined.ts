import type { Verdict } from '../guardrails/types.ts';

/** For the trail: a message that was refused without a text to examine. */
export function unexamined(redactedText: string): Verdict {
  return Object.freeze({
    effect: 'deny',
    reasons: [],
    statements: [],
    effects: {
      returnsRows: false,
      writes: false,
      copyIn: false,
      transactionControl: false,
      changesNames: false,
      changesCatalog: false,
      concealsRows: false,
      concealsValues: false,
      prepares: [],
      deallocates: [],
      cursors: [],
    },
    error: null,
    redactedText,
  });
}

/** Stand in for the verdict of what has no text that could be examined. */
export const UNREADABLE = unexamined('(not readable)');
export const FUNCTION_CALL = unexamined('(function call)');
