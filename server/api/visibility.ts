/** Who may see and touch what: by role, by whose it is, and by the databases of a token. */
import type { Principal, Role } from '../../access/accounts/principal.ts';
import type { Grant } from '../../access/grant.ts';
import type { Held } from '../../access/holds/held.ts';
import type { AccessRequest, Reviewer } from '../../access/requests/access-request.ts';
import type { SessionInfo } from '../../access/session-registry.ts';

export const OVERSEERS = ['reviewer', 'auditor', 'admin'] as const;
/** Who ends what is others'. */
export const ENDERS = ['reviewer', 'admin'] as const;

/** Theirs, or of an agent that works for them. */
export const ownsRequest = ({ id }: Principal, { principal }: AccessRequest): boolean =>
  principal.id === id || principal.actsFor === id;

export const ownsGrant = ({ id }: Principal, { principal }: Pick<Grant, 'principal'>): boolean =>
  principal.id === id || ('actsFor' in principal && principal.actsFor === id);

export const ownsHold = ({ id }: Principal, { principal }: Held): boolean =>
  principal.id === id || principal.actsFor === id;

export const ownsSession = ({ id }: Principal, { principal }: Pick<SessionInfo, 'principal'>): boolean =>
  principal === id;

/** Whether they have one of the roles, or it is theirs, on a database that they may deal with. */
export function mayTouch(
  principal: Principal,
  { database }: { readonly database: string },
  { owns, roles }: { readonly owns: boolean; readonly roles: readonly Role[] },
): boolean {
  const inReach = principal.databases === null || principal.databases.includes(database);
  return inReach && (owns || has(principal, roles));
}

export const has = (principal: Principal, roles: readonly Role[]): boolean =>
  roles.some((role) => principal.roles.includes(role));

export const seesRequest = (principal: Principal, request: AccessRequest): boolean =>
  mayTouch(principal, request, { owns: ownsRequest(principal, request), roles: OVERSEERS });

/** What a token does is done by whoever it works for, or who made it. */
export function reviewerOf({ id, groups, actsFor, madeBy }: Principal): Reviewer {
  const behind = actsFor ?? madeBy;
  return { id, groups, ...(behind !== null && { actsFor: behind }) };
}
