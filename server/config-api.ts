import { z } from 'zod';
import type { LoginTimes } from '../access/accounts/login-store.ts';
import { type GrantLimits, limitsSchema } from '../access/grant.ts';
import { type Address, address, type configFields, duration, refuse } from './config-fields.ts';
import { type OidcConfig, oidcField } from './config-oidc.ts';

export const API_DEFAULTS = {
  requestsPerMinute: 600,
  logins: { idle: '30m', absolute: '12h' },
  agents: { ttl: '15m', limits: { rows: 10_000, rowsPerStatement: 1_000, statements: 500, connections: 2 } },
} as const;

export interface ApiConfig {
  readonly listen: Address;
  /** Of one grant, or one principal, on all nodes together. */
  readonly requestsPerMinute: number;
  /** Origin by which browsers come, such as `https://postern.example`; null: what they say it is. */
  readonly baseUrl: string | null;
  readonly logins: LoginTimes;
  /** The most that agents are given without a rule that says less. */
  readonly agents: { readonly ttl: number; readonly limits: GrantLimits };
  /** Groups whose members are on call. */
  readonly onCall: readonly string[];
  /** null: people have local accounts only. */
  readonly oidc: OidcConfig | null;
}

const origin = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  return refuse(context, 'is not an origin such as https://postern.example', '');
});

/** What is not said stays as it is for agents. */
const agentLimits = z
  .looseObject({})
  .prefault({})
  .transform((given): z.input<typeof limitsSchema> => ({ ...API_DEFAULTS.agents.limits, ...given }))
  .pipe(limitsSchema);

/** `api`: whether, and where, there is HTTP. Without the key there is none. */
export function apiField(fields: ReturnType<typeof configFields>) {
  const { requestsPerMinute, logins, agents } = API_DEFAULTS;
  return z
    .strictObject({
      listen: address,
      requestsPerMinute: z.int().min(1).max(60_000).default(requestsPerMinute),
      baseUrl: origin.nullable().default(null),
      logins: z
        .strictObject({ idle: duration.prefault(logins.idle), absolute: duration.prefault(logins.absolute) })
        .prefault({}),
      agents: z.strictObject({ ttl: duration.prefault(agents.ttl), limits: agentLimits }).prefault({}),
      onCall: z.array(z.string().min(1)).max(100).default([]),
      oidc: oidcField(fields),
    })
    .superRefine(({ oidc, baseUrl }, context) => {
      if (oidc !== null && baseUrl === null)
        context.addIssue({ code: 'custom', path: ['baseUrl'], message: 'is missing, and oidc needs it' });
    })
    .nullable()
    .default(null);
}
