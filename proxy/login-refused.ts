import type { ErrorFields } from '../guardrails/types.ts';

/** A login that ends in a FATAL error. `reason` is the machine-readable cause in the audit event `login.refused`. */
export class LoginRefused extends Error {
  override readonly name = 'LoginRefused';
  readonly reason: string;
  readonly error: ErrorFields;
  /** What happened, for the operator's log only. */
  readonly fault: unknown;

  constructor(reason: string, error: ErrorFields, fault?: unknown) {
    super(error.message);
    this.reason = reason;
    this.error = error;
    this.fault = fault;
  }
}
