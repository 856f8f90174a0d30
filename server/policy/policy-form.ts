/** The form of a policy file. What it leaves out has its default here. */
import { z } from 'zod';
import { networkFault } from '../../access/address-filter.ts';
import { type GrantLimits, limitsSchema } from '../../access/grant.ts';
import { DEFAULT_REVIEW, DEFAULT_TTL } from '../../access/policy/decide-request.ts';
import { parseTime } from '../../access/policy/hours.ts';
import type { Cap, Conditions, Hours, Outcome, Rule } from '../../access/policy/policy.ts';
import { parseWish, ScopeWishError, scopeOf } from '../../access/scope-wishes.ts';
import type { GrantAction, Scope } from '../../guardrails/types.ts';
import { duration, refuse } from '../config-fields.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MOST = 1_000;

const name = z.string().min(1, 'is empty').max(200);
const names = z.array(name).min(1, 'is empty').max(MOST);
const patterns = z.array(name).min(1, 'names nothing').max(MOST);

const wish = z.string().transform((text, context) => {
  try {
    return parseWish(text);
  } catch (fault) {
    if (fault instanceof ScopeWishError) return refuse(context, fault.message, { actions: [], pattern: '' });
    throw fault;
  }
});

const wishes = z.array(wish).max(MOST);
const everything = [parseWish('*:*')];

/** `allow` and `deny`, as the command has them. */
const scopeFields = { allow: wishes.optional(), deny: wishes.default([]) };

const scope = (
  { allow, deny }: z.output<z.ZodObject<typeof scopeFields>>,
  context: z.RefinementCtx,
): Scope => {
  try {
    return scopeOf(allow ?? everything, deny);
  } catch (fault) {
    if (fault instanceof ScopeWishError) return refuse(context, fault.message, []);
    throw fault;
  }
};

const actions = z
  .array(name)
  .min(1, 'is empty')
  .transform((list, context): readonly GrantAction[] =>
    list.flatMap((each) => {
      try {
        return parseWish(`${each}:*`).actions;
      } catch {
        return refuse(context, `has "${each}", which is not an action`, []);
      }
    }),
  );

const range = z
  .strictObject({ atLeast: z.number().min(0).max(1), atMost: z.number().min(0).max(1) })
  .partial()
  .refine((ends) => Object.keys(ends).length > 0, 'says neither atLeast nor atMost');

const time = z
  .string({ error: 'is not a time such as "08:00"; put it into quotes' })
  .transform((text, context) => parseTime(text) ?? refuse(context, 'is not a time such as "08:00"', 0));

/** `[mon, fri]`, or `mon-fri`. */
const days = z.union([z.string(), z.array(z.string())]).transform((value, context): readonly number[] => {
  const list = typeof value === 'string' ? value.split(',') : value;
  return list.flatMap(
    (text) => daysOf(text.trim()) ?? refuse(context, 'are not days such as mon-fri or [sat, sun]', []),
  );
});

function daysOf(text: string): readonly number[] | null {
  const [first = -1, last = first, ...rest] = text.split('-').map((day) => DAYS.indexOf(day));
  if (first < 0 || last < 0 || rest.length > 0) return null;
  const count = ((last - first + DAYS.length) % DAYS.length) + 1;
  return Array.from({ length: count }, (_, index) => (first + index) % DAYS.length);
}

const timeZone = z.string().refine((zone) => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
}, 'is not a time zone such as Europe/Berlin');

const hours = z.strictObject({
  days: days.default([0, 1, 2, 3, 4, 5, 6]),
  from: time,
  to: time,
  timeZone: timeZone.optional(),
});

/** Of a whole ticket id. */
const ticket = z.union([z.boolean(), z.string()]).transform((value, context) => {
  if (typeof value === 'boolean') return value;
  try {
    return new RegExp(`^(?:${value})$`, 'u');
  } catch {
    return refuse(context, 'is not a regular expression', false);
  }
});

const networks = z
  .array(
    z.string().superRefine((text, context) => {
      const fault = networkFault(text);
      if (fault !== null) context.addIssue({ code: 'custom', message: fault });
    }),
  )
  .min(1, 'admits no address');

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

const OUTCOMES = ['auto_approve', 'review', 'deny'] as const;

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

const testRequest = z.strictObject({
  principal: z.strictObject({
    id: name,
    kind: z.enum(['person', 'service', 'agent']).default('person'),
    teams: z.array(name).default([]),
    roles: z.array(name).default([]),
  }),
  database: name,
  ...scopeFields,
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

const policyTest = z.strictObject({
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

export const policyForm = z
  .strictObject({
    version: z.literal(1, { error: 'is not 1, the only version there is' }),
    timeZone: timeZone.default('UTC'),
    dataClasses: z.record(name, patterns).default({}),
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
