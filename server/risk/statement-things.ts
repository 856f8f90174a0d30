import type { Verdict } from '../../guardrails/types.ts';
import { columnsOf } from '../statement-guard.ts';
import { fingerprintOf } from './fingerprint.ts';

/** What can be usual about a statement, as names of things for habits. */
export interface StatementThings {
  /** Its form. */
  readonly form: string;
  /** Actions on relations, functions and the like, and columns; in words. */
  readonly details: readonly string[];
}

/** Details of one statement that are looked at. */
const MOST_DETAILS = 100;

/** A verdict is used again and again, by many sessions. */
const known = new WeakMap<Verdict, StatementThings>();

export function thingsOf(verdict: Verdict): StatementThings {
  const { common: shared = verdict } = verdict;
  const things = known.get(shared) ?? thingsIn(shared.redactedText, detailsOf(shared));
  known.set(shared, things);
  return things;
}

/** The same from what the audit trail, or a log, has of a statement. */
export function thingsIn(sql: string, details: readonly string[]): StatementThings {
  return { form: `statement ${fingerprintOf(sql)}`, details: [...new Set(details)].slice(0, MOST_DETAILS) };
}

export const needDetail = ({
  action,
  resource,
}: {
  readonly action: string;
  readonly resource: string;
}): string => `${action} ${resource}`;

function detailsOf(verdict: Verdict): readonly string[] {
  const needs = verdict.statements.flatMap((statement) => statement.needs.map(needDetail));
  return [...needs, ...columnsOf(verdict).map((column) => `column ${column}`)];
}
