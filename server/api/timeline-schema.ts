/** A session at a glance. */
import { z } from 'zod';
import { DECISIONS } from './event-schema.ts';

const MOST_COLUMNS = 2_000;

export const timelineQuery = z.strictObject({
  columns: z
    .string()
    .regex(/^[1-9]\d{0,3}$/)
    .default('1000')
    .transform(Number)
    .refine((columns) => columns <= MOST_COLUMNS, `is more than ${MOST_COLUMNS}`),
});

export const timelineAnswer = z.object({
  from: z.number().describe('Unix time in ms, of the session.'),
  to: z.number().describe('Likewise; where it has no end yet, of its last statement.'),
  columns: z
    .array(
      z.object({
        first: z.int().describe('Number of its first statement.'),
        last: z.int(),
        from: z.number().describe('Unix time in ms, of the first.'),
        to: z.number(),
        statements: z.int(),
        worst: z.enum(DECISIONS),
        risk: z.number().nullable().describe('The highest; null: the model looked at none.'),
        alarms: z.int(),
      }),
    )
    .readonly()
    .describe('In their order, without those in which nothing ran.'),
});
