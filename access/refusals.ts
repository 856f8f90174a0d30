import type { SessionEndReason } from '../audit/events.ts';
import type { ErrorFields } from '../guardrails/types.ts';
import type { Grant } from './grant.ts';

/** Why a login is refused: a cause for the trail, and the FATAL error that its client reads. */
export interface Refusal {
  readonly cause: RefusalCause;
  readonly error: ErrorFields;
}

export type RefusalCause =
  | 'expired'
  | 'revoked'
  | 'wrong-address'
  | 'wrong-database'
  | 'connection-limit'
  | 'login-limit'
  | 'tampered'
  | 'store-unreachable';

/** Why a session ends from outside, in words for its client. */
export interface Ending {
  readonly reason: SessionEndReason;
  readonly error: ErrorFields;
}

const ASK_AGAIN = 'Ask for a new grant.';

/**
 * The error of each cause. SQLSTATEs as PostgreSQL uses them: 28000 for who may not log in, 53300 for too many
 * connections, 57P03 for a server that can't take logins now.
 */
const REFUSALS: Readonly<Record<RefusalCause, (grant: RefusedGrant) => ErrorFields>> = {
  expired: ({ id, expiresAt }) => ({
    sqlstate: '28000',
    message: `grant ${id} expired${expiresAt ? ` at ${expiresAt}` : ''}`,
    hint: ASK_AGAIN,
  }),
  revoked: ({ id }) => ({ sqlstate: '28000', message: `grant ${id} was revoked`, hint: ASK_AGAIN }),
  'wrong-address': ({ id, limits }) => ({
    sqlstate: '28000',
    message: `grant ${id} does not admit clients from this address`,
    ...(limits?.from && { detail: `It admits ${limits.from.join(', ')}.` }),
    hint: 'Connect from there, or ask for a grant that admits your address.',
  }),
  'wrong-database': ({ id, database }) => ({
    sqlstate: '28000',
    message: `grant ${id} is for database "${database}" only`,
    hint: 'Connect to that database, or ask for a grant for the other one.',
  }),
  'connection-limit': ({ id, limits }) => ({
    sqlstate: '53300',
    message: `too many connections for grant ${id}: its limit is ${limits?.connections}`,
    hint: 'Close one of them, or ask for a grant with more connections.',
  }),
  'login-limit': ({ id, limits }) => ({
    sqlstate: '28000',
    message: `grant ${id} has used all of its logins (${limits?.logins})`,
    hint: ASK_AGAIN,
  }),
  tampered: ({ id }) => ({
    sqlstate: '28000',
    message: `grant ${id} can't be trusted: what is stored of it is not what was signed`,
    hint: 'Tell the administrators of this proxy, and ask for a new grant.',
  }),
  'store-unreachable': () => ({
    sqlstate: '57P03',
    message: 'the proxy can not check grants now: its grant store is out of reach',
    hint: 'Try again in a moment.',
  }),
};

/** What a message may need to know; a grant that can't be read has only its id. */
export type RefusedGrant = Pick<Grant, 'id'> & Partial<Grant>;

export function refusal(cause: RefusalCause, grant: RefusedGrant): Refusal {
  return { cause, error: REFUSALS[cause](grant) };
}

export function isRefusalCause(text: unknown): text is RefusalCause {
  return typeof text === 'string' && Object.hasOwn(REFUSALS, text);
}

/** How a session ends; 57P01 (admin_shutdown) is what PostgreSQL's own clients know as being sent away. */
export const endings = {
  expired: (grant: string): Ending => ending('expired', `grant ${grant} expired`, ASK_AGAIN),
  revoked: (grant: string): Ending => ending('revoked', `grant ${grant} was revoked`, ASK_AGAIN),
  ended: (by: string): Ending => ending('ended', `ended by ${by}`),
  storeLost: (): Ending =>
    ending('store-lost', 'the grant store is out of reach', 'Connect again in a moment.'),
} as const;

function ending(reason: SessionEndReason, why: string, hint?: string): Ending {
  const error = { sqlstate: '57P01', message: `terminating connection: ${why}` };
  return { reason, error: hint === undefined ? error : { ...error, hint } };
}

/** The refusal for a login that was ended while it was being admitted. */
export function refusalForEnding(ended: Ending): Refusal {
  const cause = ended.reason === 'store-lost' ? 'store-unreachable' : ended.reason;
  return { cause: isRefusalCause(cause) ? cause : 'revoked', error: ended.error };
}
