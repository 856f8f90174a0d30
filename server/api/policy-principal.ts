import type { Principal } from '../../access/accounts/principal.ts';
import type { PolicyRequest } from '../../access/policy/policy.ts';

/** As policies know them. */
export function policyPrincipal({ id, kind, teams, roles, actsFor }: Principal): PolicyRequest['principal'] {
  return { id, kind, teams, roles, ...(actsFor !== null && { actsFor }) };
}
