/** What people ask for over HTTP, and what they see of it. */
import { z } from 'zod';
import { limitsSchema } from '../../access/grant.ts';
import { parseWish, type ScopeWish, scopeOf } from '../../access/scope-wishes.ts';
import type { Scope } from '../../guardrails/types.ts';
import { parseDuration } from '../units.ts';
import { asConflict } from './domain-faults.ts';

const wish = z
  .string()
  .min(1)
  .max(500)
  .describe('ACTIONS:PATTERN, such as select:public.* or insert,update:public.tickets.');
export const wishes = z.array(wish).max(500);

export const duration = z
  .string()
  .max(20)
  .transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== null && ms > 0) return ms;
    context.addIssue({ code: 'custom', message: 'is not a duration such as 30s, 15m, 2h or 1d' });
    return z.NEVER;
  })
  .describe('Such as 30s, 15m, 2h or 1d.');

/** Without control characters, which could forge a line of a terminal. */
export const words = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !/\p{Cc}/u.test(text), 'has control characters');

/** Free text of several lines: kept on one. */
export const prose = (max: number) =>
  z
    .string()
    .max(max)
    .transform((text) => text.replace(/\s+/gu, ' ').trim())
    .pipe(words(max));

export const askBody = z.strictObject({
  database: z.string().min(1).max(63),
  reason: prose(2000).pipe(z.string().min(1, 'is empty')).describe('What for, in your own words.'),
  allow: wishes.min(1).optional().describe('Absent: what the reason needs.'),
  deny: wishes.default([]).describe('Takes away from what allow gives.'),
  ttl: duration.optional().describe('How long, such as 30m. Absent: as long as the reason says.'),
  limits: limitsSchema.prefault({}),
  ticket: words(200).min(1).nullable().default(null),
  emergency: z.boolean().default(false).describe('By the rules for that, and reviewed afterwards.'),
});

export const approveBody = z.strictObject({
  comment: prose(1000).default(''),
  allow: wishes.min(1).optional().describe('Less than is asked.'),
  deny: wishes.default([]),
  ttl: duration.optional().describe('No longer than this.'),
});

export const reasonBody = z.strictObject({ reason: prose(1000).pipe(z.string().min(1, 'is empty')) });

export const extendBody = z.strictObject({
  ttl: duration.describe('How much later the grant is to end, such as 30m.'),
  reason: prose(2000).pipe(z.string().min(1, 'is empty')),
  ticket: words(200).min(1).nullable().default(null),
});

export const concludeBody = z.strictObject({
  finding: z.enum(['justified', 'unjustified']),
  comment: prose(1000).pipe(z.string().min(1, 'is empty')),
});

export const requestAnswer = z.looseObject({
  id: z.string(),
  askedAt: z.string().describe('ISO 8601 UTC.'),
  principal: z.looseObject({ id: z.string(), kind: z.string() }),
  database: z.string(),
  reason: z.string(),
  rule: z.string().nullable().describe('The rule of the policy; null: none matched.'),
  revision: z.string().describe('Of the policy.'),
  state: z
    .looseObject({ kind: z.string() })
    .describe('kind: pending, approved (with the grant), denied (with the reason), withdrawn or expired.'),
});

export const requestsAnswer = z.object({
  requests: z.array(requestAnswer).describe('The newest first.'),
  tampered: z.array(z.string()).describe('Ids of what is not what was signed.'),
});

export const askAnswer = z.object({
  request: requestAnswer,
  token: z
    .string()
    .describe(
      'The password of the grant that may come of it; its user is the id of the grant. Shown only now.',
    ),
  proxy: z.object({ host: z.string(), port: z.int(), tls: z.boolean() }).describe('Where to connect to.'),
});

type Wished = Pick<z.output<typeof approveBody>, 'deny'> & { readonly allow: readonly string[] | undefined };

/** null: nothing is said of it. Rejects with an HttpFault what is no scope. */
export function scopeWished({ allow, deny }: Wished): Scope | null {
  if (allow === undefined && deny.length === 0) return null;
  const parsed = (texts: readonly string[]): readonly ScopeWish[] => texts.map(parseWish);
  try {
    return scopeOf(parsed(allow ?? []), parsed(deny));
  } catch (fault) {
    return asConflict(fault);
  }
}
