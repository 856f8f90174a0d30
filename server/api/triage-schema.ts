/** What /v1/triage takes and answers: checked, serialized and described by one schema. */
import { z } from 'zod';
import { DECISIONS, INTENTS, RISKS, ACTIONS as TRIAGE_ACTIONS } from '../../classifier/triage/request.ts';
import type { TriageLine } from '../triage/triage-line.ts';
import { jsonSchema, PROBLEMS } from './json-schema.ts';

const name = z.string().max(200);
const names = z.array(name).max(500);

const body = z.strictObject({
  text: z.string().min(1).max(20_000).describe("What for, in somebody's own words; never followed."),
  requester: z.strictObject({ role: name.optional() }).optional(),
  requested: z
    .strictObject({
      actions: names.optional(),
      tables: names.optional(),
      ttl_min: z.number().positive().max(1e6).optional(),
    })
    .optional()
    .describe('What is asked; everything, if it is missing.'),
  catalog: z.array(name).max(20_000).optional().describe('The relations that there are, as schema.relation.'),
});

const answer = z.object({
  intents: z.array(z.enum(INTENTS)).describe('The likeliest first.'),
  actions: z.array(z.enum(TRIAGE_ACTIONS)).describe('The fewest that do what the text says.'),
  scope: z.array(z.string()).describe('Likewise, of relations and functions; none: the text does not tell.'),
  ttl_min: z.number().describe('Never longer than what is asked.'),
  risk: z.enum(RISKS),
  risk_score: z.number().describe('From 0 to 1.'),
  confidence: z.number().describe('From 0 to 1: of the decision.'),
  suspicious: z
    .boolean()
    .describe('The text addresses whoever decides, names an outcome, or hides something.'),
  doubtful: z.boolean().describe('It is that, or a person has to look at it for how it is put.'),
  decision: z.enum(DECISIONS).describe('By a built-in default. A policy decides for itself.'),
  reasons: z.array(z.string()),
  model: z.string().describe('Names the model that has answered.'),
  session: z.string().describe('Names this request in the audit trail.'),
});

export type TriageBody = TriageLine;
export type TriageAnswer = z.infer<typeof answer>;

export const TRIAGE_SCHEMA = {
  operationId: 'triageRequest',
  summary: 'What a request for access in plain words needs, and how risky it is.',
  description:
    'Needs a live grant that allows score:triage. Each request is a login and a statement of the grant, so that its limits, networks and expiry hold; each is in the audit trail.',
  security: [{ grant: [] }],
  body: jsonSchema(body),
  response: {
    200: { description: 'What it needs, and why.', ...jsonSchema(answer) },
    ...PROBLEMS,
  },
};
