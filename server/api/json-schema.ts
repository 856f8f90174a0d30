/** Schemas as Fastify checks by them and as OpenAPI shows them. */
import { z } from 'zod';

/** What comes in, before defaults and transforms. */
export function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
  });
  return rest;
}

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('For people.'),
    code: z.string().describe('For programs; stays.'),
    hint: z.string().describe('What to do.'),
  })
  .describe('RFC 9457.');

const content = { 'application/problem+json': { schema: jsonSchema(problem) } };

export const PROBLEMS = {
  '4xx': { description: 'Refused; what to do about it.', content },
  '5xx': { description: 'Not possible now.', content },
};
