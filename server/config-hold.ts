import { z } from 'zod';
import { duration, refuse } from './config-fields.ts';

export const HOLD_DEFAULTS = { wait: '5m', inTransaction: 'wait', transactionWait: '30s' } as const;

/** What becomes of statements that wait for a reviewer. */
export interface HoldConfig {
  /** How long they wait, ms. */
  readonly wait: number;
  /** Whether they wait where a transaction is open, which keeps its locks meanwhile. */
  readonly inTransaction: 'wait' | 'deny';
  /** How long they wait there, ms. */
  readonly transactionWait: number;
  /** Groups whose members decide; empty: anybody but whose statement it is. */
  readonly groups: readonly string[];
}

/** ms */
const LONGEST = 24 * 60 * 60 * 1000;

const wait = duration.transform((ms, context) =>
  ms > 0 && ms <= LONGEST ? ms : refuse(context, 'is not between 1ms and 1d', 0),
);

/** `databases.<name>.hold` */
export const holdField = z
  .strictObject({
    wait: wait.prefault(HOLD_DEFAULTS.wait),
    inTransaction: z.enum(['wait', 'deny']).default(HOLD_DEFAULTS.inTransaction),
    transactionWait: wait.prefault(HOLD_DEFAULTS.transactionWait),
    groups: z.array(z.string().min(1, 'is empty')).default([]),
  })
  .prefault({});
