import { NAME, type Principal } from '../../access/accounts/principal.ts';
import type { OidcConfig, OidcMembership } from '../config-oidc.ts';
import type { Claims } from './oidc-client.ts';

/** The claims name nobody who could be let in; the message is for the trail. */
export class ClaimsError extends Error {
  override name = 'ClaimsError';
}

/** Who logs in by the identity provider, and what their groups make of them here. Throws ClaimsError. */
export function principalOfClaims(
  {
    principal: claim,
    groups,
    everybody,
    map,
  }: Pick<OidcConfig, 'principal' | 'groups' | 'everybody' | 'map'>,
  claims: Claims,
): Principal {
  const id = idOf(claims, claim);
  const memberships = [everybody, ...groupsOf(claims[groups]).flatMap((group) => map[group] ?? [])];
  const all = <K extends keyof OidcMembership>(key: K) => [
    ...new Set(memberships.flatMap((each): readonly OidcMembership[K][number][] => each[key])),
  ];
  return {
    id,
    kind: 'person',
    actsFor: null,
    teams: all('teams'),
    groups: all('groups'),
    roles: all('roles'),
    databases: null,
    madeBy: null,
  };
}

/** An address that nobody has confirmed may be anybody's (OpenID Connect Core 1.0, section 5.1). */
function idOf(claims: Claims, claim: string): string {
  const value = claims[claim];
  if (typeof value !== 'string' || !NAME.test(value))
    throw new ClaimsError(`the claim ${claim} names nobody`);
  if (claim === 'email' && claims.email_verified !== true)
    throw new ClaimsError('the claim email is not verified');
  return claim === 'email' ? value.toLowerCase() : value;
}

const groupsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((group) => typeof group === 'string');
