/** Who may see and touch what: by role, by whose it is, and by the databases of a token. */
import type { Principal, Role } from '../../access/accounts/principal.ts';
import type { Grant } from '../../access/grant.ts';
import type { AccessRequest } from '../../access/requests/access-request.ts';
import type { SessionInfo } from '../../access/session-registry.ts';

/** Theirs, or of an agent that works for them. */
export const ownsRequest = ({ id }: Principal, { principal }: AccessRequest): boolean =>
  principal.id === id || principal.actsFor === id;

export const ownsGrant = ({ id }: Principal, { principal }: Pick<Grant, 'principal'>): boolean =>
  principal.id === id || ('actsFor' in principal && principal.actsFor === id);

export const ownsSession = ({ id }: Principal, { principal }: SessionInfo): boolean => principal === id;

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
