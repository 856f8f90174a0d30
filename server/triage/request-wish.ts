/** What somebody asks for before triage has looked at it: what they need may be in the reason alone. */
import type { Cap } from '../../access/policy/policy.ts';
import type { RequestForm } from '../../access/requests/access-request.ts';
import type { Scope } from '../../guardrails/types.ts';

export interface RequestWish extends Omit<RequestForm, 'terms'> {
  readonly terms: {
    /** null: what the reason needs. */
    readonly scope: Scope | null;
    /** ms; null: as long as the reason says. */
    readonly ttl: number | null;
    readonly limits: Cap['limits'];
  };
}

/** The reason does not tell what is needed, or tells of what there is not; the message says what to do. */
export class NothingToldError extends Error {
  override name = 'NothingToldError';
}
