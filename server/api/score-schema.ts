/** What /v1/risk/score takes and answers: checked, serialized and described by one schema. */
import { z } from 'zod';
import type { Inquiry } from '../risk/assessment.ts';
import { jsonSchema, PROBLEMS } from './json-schema.ts';

const name = z.string().max(200);
const names = z.array(name).max(100);
const count = z.number().min(0).max(1e12);

const context = z
  .strictObject({
    user: name.optional(),
    role: name.optional(),
    team: name.optional(),
    client_addr: name.optional(),
    country: name.optional(),
    usual_countries: names.optional(),
    application_name: name.optional(),
    hour_utc: z.int().min(0).max(23).optional(),
    weekday: z.enum(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']).optional(),
    grant: z
      .strictObject({
        actions: names.optional(),
        scope: names.optional(),
        ttl_min: count.optional(),
        age_min: count.optional().describe('Minutes since it was issued.'),
        reason: z.string().max(2000).nullable().optional(),
        ticket: name.nullable().optional(),
      })
      .optional(),
    history_30d: z
      .strictObject({
        sessions: count.optional(),
        median_statements: count.optional(),
        usual_hours: z
          .array(z.int().min(0).max(47))
          .length(2)
          .optional()
          .describe('From and to; past 24: of the next day.'),
        usual_apps: names.optional(),
        usual_rows: count.optional().describe('What 99 of 100 sessions stay within.'),
        usual_bytes: count.optional(),
      })
      .optional(),
    rows: count.optional().describe('Rows that it returned or changed.'),
    bytes: count.optional().describe('Bytes that it returned.'),
    classes: names
      .optional()
      .describe('Classes of data that it touches, by the names that a policy gives them.'),
    ms: count.optional().describe('Milliseconds that it ran.'),
    err: z.string().max(5).nullable().optional().describe('SQLSTATE of its error.'),
  })
  .describe('Who asks, from where, under which grant. What is missing is neutral.');

const body = z.strictObject({ sql: z.string().min(1), context: context.optional() });

const reason = z.object({
  feature: z.string(),
  sentence: z.string(),
  value: z.number().describe('Here.'),
  usual: z.number().describe('Of harmless statements.'),
  contribution: z.number().describe('Log-odds that it adds, against its usual value.'),
  direction: z.enum(['up', 'down']),
});

const answer = z.object({
  score: z
    .number()
    .describe('From 0 to 1: of the statement in its context. This is what thresholds are for.'),
  logOdds: z.number().describe('The same as log-odds.'),
  probability: z
    .number()
    .describe(
      'Of the text by itself, calibrated at the share of bad statements that the model was trained on.',
    ),
  threshold: z
    .object({
      crossed: z.enum(['flag', 'hold']).nullable(),
      flag: z.number().nullable(),
      hold: z.number().nullable(),
    })
    .describe("The highest that the score reaches, of those of the grant's database and teams; null: never."),
  reasons: z.array(reason).describe('Up to five, what raises the score most first.'),
  model: z.string().describe('Names the model: the beginning of the hash of its files.'),
  session: z.string().describe('Names this request in the audit trail.'),
});

export interface ScoreRequest {
  readonly sql: string;
  readonly context?: Inquiry['context'];
}
export type ScoreAnswer = z.infer<typeof answer>;

export const SCORE_SCHEMA = {
  operationId: 'scoreRisk',
  summary: 'How unusual, and how much like an attack, a statement is.',
  description:
    'Needs a live grant that allows score:risk. Each request is a login and a statement of the grant, so that its limits, networks and expiry hold; each is in the audit trail.',
  security: [{ grant: [] }],
  body: jsonSchema(body),
  response: {
    200: { description: 'The score, and why.', ...jsonSchema(answer) },
    ...PROBLEMS,
  },
};
