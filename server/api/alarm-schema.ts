/** Alarms of the risk model, and reviewers' verdicts on them. */
import { z } from 'zod';
import type { Alarm } from '../../audit/trail-source.ts';
import { cursorField, limitField, nextField } from './page-schema.ts';
import { prose } from './request-schema.ts';

const name = z.string().min(1).max(128);

/** Session and number, as the event `risk.flag` has it. */
export const alarmParams = z.strictObject({ id: z.string().regex(/^[0-9a-z][0-9a-z.:#_-]{0,95}$/) });

export const alarmsQuery = z.strictObject({
  state: z
    .enum(['open', 'judged'])
    .default('open')
    .describe('open: the oldest first, of a day the riskiest first; judged: the last judged first.'),
  principal: name.exactOptional(),
  database: name.exactOptional(),
  limit: limitField(500, 100),
  cursor: cursorField,
});

export const alarmAnswer = z.object({
  flag: z
    .looseObject({ alarm: z.string(), session: z.string(), statement: z.int() })
    .describe('The event `risk.flag`.'),
  verdict: z
    .looseObject({ verdict: z.enum(['true', 'false']), by: z.string(), note: z.string().nullable() })
    .nullable()
    .describe('The last event `risk.verdict` on it.'),
});

export const alarmsAnswer = z.object({ alarms: z.array(alarmAnswer), next: nextField });

/** The same, with the events' own types. */
export interface AlarmsAnswer {
  readonly alarms: readonly Alarm[];
  readonly next: string | null;
}

export const verdictBody = z.strictObject({
  verdict: z.enum(['true', 'false']).describe('Whether it was one.'),
  note: prose(1_000).default('').describe('Why, for the trail.'),
});

export const verdictAnswer = z.object({
  alarm: z.string(),
  verdict: z.enum(['true', 'false']),
  by: z.string(),
});
