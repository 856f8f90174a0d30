/** The kinds of value in a policy file. */
import { z } from 'zod';
import { networkFault } from '../../access/address-filter.ts';
import { parseTime } from '../../access/policy/hours.ts';
import { parseWish, ScopeWishError, scopeOf } from '../../access/scope-wishes.ts';
import type { GrantAction, Scope } from '../../guardrails/types.ts';
import { refuse } from '../config-fields.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
export const OUTCOMES = ['auto_approve', 'review', 'deny'] as const;

/** Of anything in a list. */
export const MOST = 1_000;

export const name = z.string().min(1, 'is empty').max(200);
export const names = z.array(name).min(1, 'is empty').max(MOST);
export const patterns = z.array(name).min(1, 'names nothing').max(MOST);

const wish = z.string().transform((text, context) => {
  try {
    return parseWish(text);
  } catch (fault) {
    if (fault instanceof ScopeWishError) return refuse(context, fault.message, { actions: [], pattern: '' });
    throw fault;
  }
});

export const wishes = z.array(wish).max(MOST);
const everything = [parseWish('*:*')];

/** `allow` and `deny`, as the command has them. */
export const scopeFields = { allow: wishes.optional(), deny: wishes.default([]) };

export const scope = (
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

export const actions = z
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

export const range = z
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

export const timeZone = z.string().refine((zone) => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
}, 'is not a time zone such as Europe/Berlin');

export const hours = z.strictObject({
  days: days.default([0, 1, 2, 3, 4, 5, 6]),
  from: time,
  to: time,
  timeZone: timeZone.optional(),
});

/** Of a whole ticket id. */
export const ticket = z.union([z.boolean(), z.string()]).transform((value, context) => {
  if (typeof value === 'boolean') return value;
  try {
    return new RegExp(`^(?:${value})$`, 'u');
  } catch {
    return refuse(context, 'is not a regular expression', false);
  }
});

export const networks = z
  .array(
    z.string().superRefine((text, context) => {
      const fault = networkFault(text);
      if (fault !== null) context.addIssue({ code: 'custom', message: fault });
    }),
  )
  .min(1, 'admits no address');
