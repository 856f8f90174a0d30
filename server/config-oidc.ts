import { z } from 'zod';
import { ROLES, type Role } from '../access/accounts/principal.ts';
import { type configFields, isLoopback, refuse } from './config-fields.ts';

/** What people of a group are here. */
export interface OidcMembership {
  readonly roles: readonly Role[];
  readonly teams: readonly string[];
  readonly groups: readonly string[];
}

export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  /** null: a public client, which PKCE alone has to do for. */
  readonly clientSecret: string | null;
  readonly scope: string;
  /** Claims: who somebody is, and what groups they are in. */
  readonly principal: string;
  readonly groups: string;
  /** Of all who log in. */
  readonly everybody: OidcMembership;
  /** By group of the identity provider. Has no prototype. */
  readonly map: Readonly<Record<string, OidcMembership>>;
}

const URL_FAULT = 'is not a URL such as https://login.example.org';
const names = z.array(z.string().min(1).max(128)).max(100).default([]);
const membership = z.strictObject({ roles: z.array(z.enum(ROLES)).default([]), teams: names, groups: names });

/**
 * `api.oidc`: logins by an identity provider. `sub` alone is promised to stay with a person (OpenID Connect Core 1.0,
 * section 5.7); another claim is to be one that people can't choose.
 */
export function oidcField({ secret }: ReturnType<typeof configFields>) {
  const issuer = z.string().transform((text, context) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || !/^https?:$/.test(url.protocol)) return refuse(context, URL_FAULT, '');
    if (url.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, '')))
      return refuse(context, 'is not https', '');
    return text;
  });
  return z
    .strictObject({
      issuer,
      clientId: z.string().min(1),
      clientSecret: secret.nullable().default(null),
      scope: z
        .string()
        .regex(/(^| )openid( |$)/, 'lacks openid')
        .default('openid email'),
      principal: z.string().min(1).default('sub'),
      groups: z.string().min(1).default('groups'),
      everybody: membership.prefault({ roles: ['requester'] }),
      map: z
        .record(z.string(), membership)
        .default({})
        .transform((map) => Object.assign(Object.create(null), map) as OidcConfig['map']),
    })
    .nullable()
    .default(null);
}
