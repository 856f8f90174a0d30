/** Refusals of the API: a cause for the trail, and what its client is told. */
import { HttpFault } from '../http-server.ts';

export interface ApiRefusal {
  /** As in the audit event `login.refused`. */
  readonly cause: string;
  readonly sqlstate: string;
  readonly fault: HttpFault;
}

const NEW_GRANT = 'Ask for a new grant.';

/** INVARIANT: the same for a grant that does not exist and a token that is not its own. */
export const tokenRefused = (known: boolean): ApiRefusal =>
  refusalOf(known ? 'bad-token' : 'unknown-grant', '28P01', 401, {
    code: 'unauthorized',
    message: 'the request shows no token of a grant',
    hint: 'Send "Authorization: Bearer GRANT.TOKEN", the user and the password of a grant joined by a dot. Grants are short-lived: yours may have expired.',
  });

/** `cause`: of access, in its words. */
export function accessRefused(
  cause: string,
  { sqlstate, message, hint = NEW_GRANT }: { sqlstate: string; message: string; hint?: string },
): ApiRefusal {
  const status = STATUSES[cause] ?? 401;
  const retryAfter = status === 429 || status === 503 ? 1_000 : null;
  return refusalOf(cause, sqlstate, status, { code: cause, message, hint }, retryAfter);
}

const STATUSES: Readonly<Record<string, number>> = {
  'wrong-address': 403,
  'connection-limit': 429,
  'store-unreachable': 503,
};

export const notGranted = (grant: string, model: string): ApiRefusal =>
  refusalOf('not-granted', '42501', 403, {
    code: 'not-granted',
    message: `grant ${grant} does not allow score on ${model}`,
    hint: `Ask for a grant with --allow score:${model}.`,
  });

export const paced = (grant: string, perMinute: number, wait: number): ApiRefusal =>
  refusalOf(
    'rate-limit',
    '53400',
    429,
    {
      code: 'rate-limit',
      message: `grant ${grant} asks more often than ${perMinute} times a minute`,
      hint: 'Try again after the seconds that Retry-After says.',
    },
    wait,
  );

export const statementsSpent = (grant: string): ApiRefusal =>
  refusalOf('statement-limit', '53400', 403, {
    code: 'statement-limit',
    message: `grant ${grant} has used all of its statements`,
    hint: NEW_GRANT,
  });

/** Not the client's fault, and nothing for the trail. */
export const notNow = (message: string): HttpFault =>
  new HttpFault(503, { code: 'unavailable', message, hint: 'Try again in a moment.' }, 1_000);

function refusalOf(
  cause: string,
  sqlstate: string,
  status: number,
  said: ConstructorParameters<typeof HttpFault>[1],
  retryAfter: number | null = null,
): ApiRefusal {
  return { cause, sqlstate, fault: new HttpFault(status, said, retryAfter) };
}
