/** Sessions, as they are asked for and shown. */
import { z } from 'zod';
import type { TrailStatement } from '../../audit/trail-source.ts';
import { cursorField, instant, limitField, nextField } from './page-schema.ts';

export const SESSION_ID = /^[0-9a-z]{1,64}$/;

const name = z.string().min(1).max(128);

export const sessionParams = z.strictObject({ id: z.string().regex(SESSION_ID) });

export const sessionsQuery = z.strictObject({
  state: z
    .enum(['open', 'ended'])
    .default('open')
    .describe('open: all of them, the oldest first; ended: in pages, the newest first.'),
  principal: name.exactOptional(),
  database: name.exactOptional(),
  grant: name.exactOptional(),
  from: instant.exactOptional().describe('Started at this time or later; only with state=ended.'),
  to: instant.exactOptional().describe('Started before this time; only with state=ended.'),
  limit: limitField(500, 100),
  cursor: cursorField,
});

const limits = z.object({
  rowsPerStatement: z.number().nullable(),
  rows: z.number().nullable(),
  bytes: z.number().nullable(),
  connections: z.number().nullable(),
  logins: z.number().nullable(),
  statements: z.number().nullable(),
  from: z.array(z.string()).nullable(),
});

export const usage = z
  .object({ logins: z.number(), rows: z.number(), bytes: z.number(), statements: z.number() })
  .describe('Of the grant by all of its sessions.');

/** What a session has come to; while it is open, so far. */
export const countsAnswer = z.object({
  session: z.string(),
  statements: z.int(),
  denied: z.int(),
  rows: z.int(),
  bytes: z.int(),
  alarms: z.int(),
  risk: z.number().nullable().describe('The highest score of its alarms, from 0 to 1; null: none had one.'),
  scores: z
    .array(z.number())
    .readonly()
    .describe(
      'Of the last 20 statements that the risk model looked at, or of the session at each, whichever is higher.',
    ),
});

export const sessionAnswer = countsAnswer.extend({
  grant: z.string(),
  principal: z.string(),
  database: z.string(),
  client: z.string().describe('Address and port.'),
  application: z.string().nullable(),
  node: z.string(),
  since: z.string().describe('ISO 8601 UTC.'),
  backendPid: z.int().nullable().describe('Of the upstream; null also of one that has ended.'),
  state: z.enum(['open', 'ended']),
  endedAt: z
    .string()
    .nullable()
    .describe('Null of one that has ended: its end was never written, its process was killed.'),
  endReason: z.string().nullable(),
  endDetail: z.string().nullable(),
  budget: z
    .object({ expiresAt: z.string(), limits, used: usage })
    .nullable()
    .describe('Of its grant, while that is in force.'),
});

export const sessionsAnswer = z.object({
  sessions: z.array(sessionAnswer),
  next: nextField,
  counted: z
    .boolean()
    .describe('False: the trail can not be read now, so that what open sessions came to is not known: 0.'),
});

const scopeLine = z.looseObject({ actions: z.array(z.string()), on: z.array(z.string()) });

export const sessionDetailAnswer = sessionAnswer.extend({
  why: z
    .object({
      grant: z.object({
        id: z.string(),
        principal: z.string(),
        reason: z.string(),
        ticket: z.string().nullable(),
        approvedBy: z.array(z.string()),
        scope: z.array(scopeLine),
        limits,
        expiresAt: z.string(),
        inForce: z.boolean(),
      }),
      request: z
        .object({
          id: z.string(),
          reason: z.string(),
          askedAt: z.string(),
          rule: z.string().nullable(),
          emergency: z.boolean(),
        })
        .nullable()
        .describe('Null: it was given without one.'),
    })
    .nullable()
    .describe('Null: the grant is neither in force nor in the trail that is at hand.'),
});

export const statementsQuery = z.strictObject({
  from: z
    .string()
    .regex(/^[1-9]\d{0,8}$/)
    .default('1')
    .transform(Number)
    .describe('Number of the first, from 1.'),
  limit: limitField(1_000, 200),
});

export const statementsAnswer = z.object({
  statements: z.array(
    z.object({
      statement: z.looseObject({ statement: z.int() }).describe('The event `statement`.'),
      end: z.looseObject({}).nullable().describe('The event `statement.end`; null: none, or none yet.'),
      alarm: z.object({ flag: z.looseObject({}), verdict: z.looseObject({}).nullable() }).nullable(),
    }),
  ),
  next: z.int().nullable().describe('`from` of the next page; null: there is none by now.'),
});

/** The same, with the events' own types. */
export interface StatementsAnswer {
  readonly statements: readonly TrailStatement[];
  readonly next: number | null;
}
