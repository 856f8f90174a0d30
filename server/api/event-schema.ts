/** Events of the trail, as they are asked for and shown. */
import { z } from 'zod';
import type { SpooledEvent } from '../../audit/events.ts';
import { EVENT_TYPES } from '../../audit/serialize.ts';
import type { EventOf } from '../../audit/trail-source.ts';
import { cursorField, instant, limitField, nextField } from './page-schema.ts';
import { SESSION_ID } from './session-schema.ts';

export const DECISIONS = [
  'allow',
  'observe',
  'deny',
  'hold',
] as const satisfies readonly EventOf<'statement'>['decision'][];

const name = z.string().min(1).max(128);

/** Which events: all that is said has to hold. */
export const eventQuestion = z.strictObject({
  types: z
    .string()
    .max(1_000)
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(EVENT_TYPES)))
    .exactOptional()
    .describe('Types of events, with commas between them.'),
  text: z
    .string()
    .min(1)
    .max(500)
    .exactOptional()
    .describe('Words, all of which are in the statement, reason, message or name; case does not count.'),
  principal: name.exactOptional(),
  database: name.exactOptional(),
  grant: name.exactOptional(),
  session: z.string().regex(SESSION_ID).exactOptional(),
  action: name.exactOptional().describe('Of what a statement needs: select, insert ...'),
  relation: z.string().min(1).max(300).exactOptional().describe('Of what a statement needs: public.orders.'),
  decision: z.enum(DECISIONS).exactOptional(),
  risk: z
    .string()
    .regex(/^(0(\.\d{1,6})?|1(\.0{1,6})?)$/)
    .transform(Number)
    .exactOptional()
    .describe('The least score of an alarm, from 0 to 1.'),
  from: instant.exactOptional().describe('ISO 8601 UTC, inclusive.'),
  to: instant.exactOptional().describe('ISO 8601 UTC, exclusive.'),
  order: z.enum(['newest', 'oldest']).default('newest'),
});

export const eventQuery = eventQuestion.extend({ limit: limitField(1_000, 100), cursor: cursorField });

export const exportQuery = eventQuestion.extend({
  order: z.enum(['newest', 'oldest']).default('oldest'),
  format: z.enum(['ndjson', 'csv']).default('ndjson'),
});

export const eventAnswer = z
  .looseObject({
    seq: z.int(),
    at: z.string().describe('ISO 8601 UTC.'),
    node: z.string(),
    type: z.string(),
    prev: z.string(),
    hash: z.string(),
  })
  .describe('As it stands in the trail.');

export const eventsAnswer = z.object({ events: z.array(eventAnswer), next: nextField });

/** The same, with the events' own types. */
export interface EventsAnswer {
  readonly events: readonly SpooledEvent[];
  readonly next: string | null;
}
