/** What becomes of held statements, as their client reads it. `error`: why the statement was held. */
import type { ErrorFields } from '../../guardrails/types.ts';
import { ERRORS } from '../errors.ts';
import type { HoldOutcome } from '../ports.ts';

type Undecided = Exclude<HoldOutcome['kind'], 'approved' | 'denied'>;

export function holdDenied(error: ErrorFields, by: string, reason: string): ErrorFields {
  return because('holdDenied', { ...error, message: `${by} has denied the statement: ${reason}` });
}

/** `wait`: ms. */
export function holdUndecided(error: ErrorFields, kind: Undecided, wait: number): ErrorFields {
  switch (kind) {
    case 'expired':
      return because('holdExpired', error, `No reviewer has decided on it in ${time(wait)}.`);
    case 'crowded':
      return because('holdCrowded', error, 'Too many statements of the grant wait for a reviewer already.');
    case 'unreachable':
      return because('holdUnreachable', error, 'No reviewer can be asked now: the store is out of reach.');
    case 'withdrawn':
      return cancelled;
    default:
      return kind satisfies never;
  }
}

export const holdInTransaction = (error: ErrorFields): ErrorFields =>
  because(
    'holdInTransaction',
    error,
    'Statements of a transaction do not wait for a reviewer here, since its locks would: run it by itself.',
  );

export const holdTooLong = (error: ErrorFields, length: number, limit: number): ErrorFields =>
  because('holdTooLong', error, `It has ${length} characters: reviewers are shown ${limit} at most.`);

/** Examined again, it is not what was approved. */
export const approvalOutdated = (error: ErrorFields): ErrorFields =>
  because('approvalOutdated', error, 'A reviewer has approved it, and it needs something else by now.');

/** In the words of PostgreSQL, which programs know. */
const cancelled: ErrorFields = {
  sqlstate: ERRORS.holdCancelled,
  message: 'canceling statement due to user request',
};

const UNITS = [
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
  [1, 'ms'],
] as const;

/** How long it waits, for people. `ms` */
export function time(ms: number): string {
  const [size, unit] = UNITS.find(([least]) => ms >= least) ?? [1, 'ms'];
  return `${Math.round((ms / size) * 10) / 10} ${unit}`;
}

/** `why`: before what the grant lacks. */
function because(code: keyof typeof ERRORS, error: ErrorFields, why?: string): ErrorFields {
  const detail = [why, error.detail].filter((text) => text !== undefined).join('\n');
  return { ...error, sqlstate: ERRORS[code], detail };
}
