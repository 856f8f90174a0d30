/** The form of a policy file. What it leaves out has its default here. */
import { z } from 'zod';
import { type GrantLimits, limitsSchema } from '../../access/grant.ts';
import { DEFAULT_AFTERCARE, DEFAULT_REVIEW, DEFAULT_TTL } from '../../access/policy/defaults.ts';
import type { Cap, Conditions, Hours, Outcome, Rule } from '../../access/policy/policy.ts';
import { duration, refuse } from '../config-fields.ts';
import {
  actions,
  hours,
  MOST,
  name,
  names,
  networks,
  OUTCOMES,
  patterns,
  range,
  scope,
  scopeFields,
  ticket,
  timeZone,
  wishes,
} from './policy-fields.ts';
import { policyTest } from './policy-test-form.ts';

const conditions = z
  .strictObject({
    principals: names,
    kinds: z.array(z.enum(['person', 'service', 'agent'])).min(1),
    teams: names,
    roles: names,
    databases: names,
    actions,
    relations: patterns,
    touches: names,
    avoids: names,
    duration,
    hours,
    networks,
    ticket,
    onCall: z.boolean(),
    emergency: z.literal(true, { error: 'can only be true; leave it out otherwise' }),
    risk: range,
    confidence: range,
  })
  .partial();

const capFields = { ...scopeFields, ttl: duration.optional(), limits: limitsSchema.prefault({}) };

type CapForm = z.output<z.ZodObject<typeof capFields>>;

const capOf = (form: CapForm, context: z.RefinementCtx): Cap => ({
  scope: scope(form, context),
  ttl: form.ttl ?? DEFAULT_TTL,
  limits: form.limits as GrantLimits,
});

const autoApprove = z
  .strictObject({
    ...capFields,
    allow: wishes.min(1),
    ttl: duration,
    beyond: z.enum(['narrow', 'review']).default('review'),
  })
  .transform(
    (form, context): Outcome => ({ kind: 'auto_approve', cap: capOf(form, context), beyond: form.beyond }),
  );

const review = z
  .strictObject({
    ...capFields,
    groups: z.array(name).default([...DEFAULT_REVIEW.groups]),
    approvals: z.int().min(1).max(10).default(DEFAULT_REVIEW.approvals),
    expires: duration.prefault('1d'),
  })
  .transform((form, context): Outcome => {
    const { groups, approvals, expires } = form;
    return { kind: 'review', cap: capOf(form, context), review: { groups, approvals, expires } };
  });

const deny = name.transform((reason): Outcome => ({ kind: 'deny', reason }));

const rule = z
  .strictObject({
    name,
    when: conditions.default({}),
    auto_approve: autoApprove.optional(),
    review: review.optional(),
    deny: deny.optional(),
  })
  .transform((form, context) => {
    const given = OUTCOMES.filter((outcome) => form[outcome] !== undefined);
    const [only] = given;
    const none: Outcome = { kind: 'deny', reason: '' };
    const outcome =
      only !== undefined && given.length === 1
        ? form[only]!
        : refuse(
            context,
            `has ${given.length === 0 ? 'none' : 'more than one'} of ${OUTCOMES.join(', ')}`,
            none,
          );
    return { name: form.name, when: form.when, outcome };
  });

/** Who reviews emergencies afterwards, and until when. */
const aftercare = z
  .strictObject({
    groups: z.array(name).default([...DEFAULT_AFTERCARE.groups]),
    within: duration.prefault('1d'),
  })
  .prefault({});

export const policyForm = z
  .strictObject({
    version: z.literal(1, { error: 'is not 1, the only version there is' }),
    timeZone: timeZone.default('UTC'),
    dataClasses: z.record(name, patterns).default({}),
    emergencies: aftercare,
    rules: z.array(rule).min(1, 'is empty: without a rule everything is reviewed').max(MOST),
    tests: z.array(policyTest).max(MOST).default([]),
  })
  .superRefine(refuseUnknownNames);

/** Slips of the pen that would make a rule mean less than it says. */
function refuseUnknownNames(
  {
    rules,
    dataClasses,
  }: { rules: readonly { name: string; when: z.output<typeof conditions> }[]; dataClasses: object },
  context: z.RefinementCtx,
): void {
  const seen = new Set<string>();
  for (const [index, { name: rule, when }] of rules.entries()) {
    if (seen.has(rule))
      context.addIssue({
        code: 'custom',
        path: ['rules', index, 'name'],
        message: 'is the name of an earlier rule',
      });
    seen.add(rule);
    for (const key of ['touches', 'avoids'] as const)
      for (const [place, known] of (when[key] ?? []).entries())
        if (!Object.hasOwn(dataClasses, known))
          context.addIssue({
            code: 'custom',
            path: ['rules', index, 'when', key, place],
            message: 'is not one of dataClasses',
          });
  }
}

/** The rules with the file's time zone where they have none. */
export function rulesOf({ rules, timeZone: general }: z.output<typeof policyForm>): readonly Rule[] {
  return rules.map(({ when: { hours: span, ...when }, ...rest }) => ({
    ...rest,
    when: {
      ...when,
      ...(span && { hours: { ...span, timeZone: span.timeZone ?? general } satisfies Hours }),
    } as Conditions,
  }));
}
