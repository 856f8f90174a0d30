/** Who you are here, what the policy has for you, and your own password. */
import { z } from 'zod';
import { MAX_PASSWORD, MIN_PASSWORD } from '../../access/accounts/password.ts';
import { inventory } from '../../access/policy/inventory.ts';
import type { Policy } from '../../access/policy/policy.ts';
import { type ApiRoute, route } from './api-route.ts';
import { routeOf } from './authenticator.ts';
import { cookieOf } from './cookies.ts';
import { asConflict } from './domain-faults.ts';
import type { LoginParts } from './login-routes.ts';
import { policyPrincipal } from './policy-principal.ts';
import { principalAnswer, shownPrincipal } from './principal-schema.ts';

export interface MeParts extends LoginParts {
  readonly policy: { readonly current: Policy };
}

const passwordBody = z.strictObject({
  current: z.string().min(1).max(MAX_PASSWORD),
  password: z.string().min(MIN_PASSWORD).max(MAX_PASSWORD),
});

const policyAnswer = z.object({
  revision: z.string(),
  rules: z.array(
    z.object({
      rule: z.string(),
      outcome: z.enum(['auto_approve', 'review', 'deny']),
      allow: z.array(z.string()).describe('At most this. Of a rule that denies: why it does.'),
      ttl: z.number().nullable().describe('ms at most; null: it gives nothing.'),
      only: z.array(z.string()).describe('What else has to hold, in words.'),
    }),
  ),
});

export function meRoutes({ principals, passwords, cookies, policy }: MeParts): readonly ApiRoute[] {
  const me = route(
    'principal',
    {
      ...{ method: 'GET', url: '/v1/me', operationId: 'getMe', answer: principalAnswer },
      summary: 'Who you are here.',
    },
    async ({ principal }) => shownPrincipal(principal),
  );

  const ownPolicy = route(
    'principal',
    {
      ...{ method: 'GET', url: '/v1/policy', operationId: 'getPolicy', answer: policyAnswer },
      summary: 'The rules that may be about your requests, in order. What no rule is about is reviewed.',
    },
    async ({ principal }) => {
      const { current } = policy;
      return { revision: current.revision, rules: inventory(current, policyPrincipal(principal)) };
    },
  );

  const password = route(
    'principal',
    {
      ...{ method: 'POST', url: '/v1/me/password', operationId: 'setPassword', body: passwordBody },
      answer: z.object({}),
      summary: 'Change the password of your local account. Ends its logins, this one too.',
    },
    async ({ request, caller, principal: { id }, body }) => {
      const call = { caller, route: routeOf(request), principal: id };
      const mark = cookieOf(request, cookies.mark);
      await passwords.check(call, { account: id, password: body.current, mark });
      await principals.accounts.setPassword(id, body.password, id).catch(asConflict);
      return {};
    },
  );

  return [me, ownPolicy, password];
}
