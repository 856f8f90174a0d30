/** The form of the tests in a policy file. */
import { z } from 'zod';
import { type GrantLimits, limitsSchema } from '../../access/grant.ts';
import { duration } from '../config-fields.ts';
import { name, OUTCOMES, scope, scopeFields, wishes } from './policy-fields.ts';

const testRequest = z.strictObject({
  principal: z.strictObject({
    id: name,
    kind: z.enum(['person', 'service', 'agent']).default('person'),
    teams: z.array(name).default([]),
    roles: z.array(name).default([]),
  }),
  database: name,
  allow: wishes.min(1, 'asks nothing'),
  deny: scopeFields.deny,
  ttl: duration.prefault('30m'),
  limits: limitsSchema.prefault({}),
  ticket: name.nullable().default(null),
  emergency: z.boolean().default(false),
  address: z.string().nullable().default(null),
  onCall: z.boolean().default(false),
  at: z.iso.datetime({ offset: true, error: 'is not a time such as 2026-01-31T12:00:00Z' }).optional(),
  triage: z
    .strictObject({
      risk: z.number().min(0).max(1),
      confidence: z.number().min(0).max(1),
      suspicious: z.boolean().default(false),
    })
    .nullable()
    .default(null),
});

const OUTCOME_FAULT = `is not one of ${OUTCOMES.join(', ')}`;
const outcome = z.enum(OUTCOMES, { error: OUTCOME_FAULT });

export const policyTest = z.strictObject({
  name,
  request: testRequest.transform(({ allow, deny: denied, ...request }, context) => ({
    ...request,
    limits: request.limits as GrantLimits,
    scope: scope({ allow, deny: denied }, context),
    at: request.at === undefined ? undefined : Date.parse(request.at),
  })),
  expect: z.union(
    [
      outcome.transform((only) => ({ outcome: only })),
      z.strictObject({ outcome, rule: name.nullable().optional(), ttl: duration.optional(), ...scopeFields }),
    ],
    { error: `is neither an outcome nor {outcome, rule, ttl, allow, deny}; the outcome ${OUTCOME_FAULT}` },
  ),
});

export type PolicyTest = z.output<typeof policyTest>;
