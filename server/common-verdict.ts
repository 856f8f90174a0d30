/** A verdict on a text with parameters in place of its constants, used for all texts that have it in common. */
import { isDeepStrictEqual } from 'node:util';
import type { Decision } from '../guardrails/decide.ts';
import type { Facts } from '../guardrails/facts.ts';
import { redaction } from '../guardrails/redact.ts';
import type { Verdict } from '../guardrails/types.ts';

/** The beginnings of statements that come with ever new constants. */
const ORDINARY = /^\s*(?:select|insert|update|delete|with|values)\b/i;

export const isOrdinary = (sql: string): boolean => ORDINARY.test(sql);

/** A text, as it was read and decided. */
export interface Judged {
  readonly facts: Facts;
  readonly decision: Decision;
}

/**
 * Whether `common`, of a text with parameters, decides all that have it in common: it is one statement, allowed, does
 * nothing to the session, and says what `own`, of one of them, says. INVARIANT: nothing there was read out of a constant,
 * also where that needs nothing (a setting that anyone may see): the next one may need more.
 */
export function standsForAll(common: Judged, own: Judged): boolean {
  const { verdict, unresolved } = common.decision;
  if (unresolved || verdict.effect !== 'allow' || verdict.observed !== undefined) return false;
  const { copyIn, transactionControl, changesNames, changesCatalog, deciding, ...lists } = verdict.effects;
  const { prepares, deallocates, cursors } = lists;
  const acts = copyIn || transactionControl || changesNames || changesCatalog || deciding !== undefined;
  if (acts || ![prepares, deallocates, cursors].every(({ length }) => length === 0)) return false;
  return common.facts.statements.length === 1 && isDeepStrictEqual(saidBy(common), saidBy(own));
}

const saidBy = ({ facts, decision: { verdict } }: Judged): unknown => [
  facts.statements.map(({ range: _, ...said }) => said),
  verdict.reasons,
  verdict.effects,
];

/** `common`, the verdict on the text `lifted` from `sql`, as the one on `sql`. */
export function verdictOnText(common: Verdict, lifted: string, sql: string): Verdict {
  const longer = sql.length - lifted.length;
  const statements = common.statements.map(({ range, ...summary }) => ({
    ...summary,
    ...(range && { range: { start: range.start, end: range.end + longer } }), // constants are within
  }));
  if (hasStrings(sql)) return Object.freeze({ ...common, statements, ...redaction(sql) });
  const isClean = common.redactedText === lifted && !common.secretParameters?.length;
  return Object.freeze({
    ...common,
    statements,
    common,
    ...(isClean ? { redactedText: sql } : redaction(sql)),
  });
}

/** They may hold secrets, or code. */
const hasStrings = (sql: string): boolean => sql.includes("'");
