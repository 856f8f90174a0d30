/**
 * Which lines a grant would need for a text to pass. What is missing at first may hide more: nothing is known of the
 * cascades of a DELETE that may not be done at all. So lines are added and the text is judged again, until it passes.
 */
import type { CompiledScope } from './scope.ts';
import type { Action, Reason } from './types.ts';

/** One action on one resource: `--allow action:resource`. */
export interface GrantLine {
  readonly action: Action;
  readonly resource: string;
}

export interface Needed {
  /** No shorter list of these would do. Empty if no lines would. */
  readonly lines: readonly GrantLine[];
  /** All that was found missing on the way. */
  readonly missing: readonly Reason[];
  /** All that the text does, as far as it could be judged in the end. */
  readonly reasons: readonly Reason[];
}

/** All that a text needs under this scope. */
export type Attempt = (scope: CompiledScope) => readonly Reason[];

/** A chain of views, cascades and triggers that is longer is not followed. */
const MOST_ROUNDS = 8;
/** With more needs the text is not judged again and again: what is missing at first is all that is told. */
const MOST_NEEDS = 200;
/** With more lines none of them is tried to be left out. */
const MOST_TRIED = 12;

/** `reasons`: what the text needs under `scope`, some of it missing. */
export function neededLines(scope: CompiledScope, reasons: readonly Reason[], attempt: Attempt): Needed {
  let current = reasons;
  let missing = lacking(reasons);
  if (reasons.length > MOST_NEEDS) return { lines: missing, missing, reasons };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    current = attempt(withLines(scope, missing));
    const more = lacking(current);
    if (more.length === 0) return { lines: shortest(scope, missing, attempt), missing, reasons: current };
    const before = missing.length;
    missing = union(missing, more);
    if (missing.length === before) break;
  }
  return { lines: [], missing, reasons: current };
}

const lacking = (reasons: readonly Reason[]): readonly Reason[] => reasons.filter(({ allowed }) => !allowed);

const withLines = (scope: CompiledScope, lines: readonly GrantLine[]): CompiledScope =>
  scope.extended(lines.map(({ action, resource }) => ({ actions: [action], on: [resource] })));

const union = (one: readonly Reason[], other: readonly Reason[]): readonly Reason[] => [
  ...new Map([...other, ...one].map((reason) => [needKey(reason), reason])).values(),
];

export const needKey = ({ action, resource }: GrantLine): string => `${action}\0${resource}`;

/** Leaves out what the others make needless: columns of a relation that is needed whole, for one. */
const shortest = (
  scope: CompiledScope,
  lines: readonly GrantLine[],
  attempt: Attempt,
): readonly GrantLine[] => {
  if (lines.length === 1 || lines.length > MOST_TRIED) return lines;
  let kept = lines;
  for (const line of lines) {
    const others = kept.filter((other) => other !== line);
    if (lacking(attempt(withLines(scope, others))).length === 0) kept = others;
  }
  return kept;
};
