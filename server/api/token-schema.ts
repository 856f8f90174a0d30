/** API tokens, as they are made and shown. */
import { z } from 'zod';
import { PRINCIPAL_ID, ROLES } from '../../access/accounts/principal.ts';
import { GRANT_ID } from '../../access/token.ts';
import { duration } from './request-schema.ts';

const name = z.string().min(1).max(128);
export const params = z.strictObject({ id: z.string().regex(GRANT_ID) });

export const createBody = z.strictObject({
  principal: z.string().regex(PRINCIPAL_ID).describe('The name of the service or agent.'),
  kind: z.enum(['service', 'agent']),
  actsFor: name.nullable().default(null).describe('Whom an agent works for.'),
  roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length),
  teams: z.array(name).max(100).default([]),
  groups: z.array(name).max(100).default([]),
  databases: z.array(name).min(1).max(100).nullable().default(null).describe('null: all.'),
  ttl: duration,
});

export const tokenAnswer = z.object({
  id: z.string(),
  principal: z.string(),
  kind: z.string(),
  actsFor: z.string().nullable(),
  roles: z.array(z.string()),
  teams: z.array(z.string()),
  groups: z.array(z.string()),
  databases: z.array(z.string()).nullable(),
  createdAt: z.string().describe('ISO 8601 UTC.'),
  createdBy: z.string(),
  expiresAt: z.string(),
  revokedAt: z.string().nullable(),
});

export const tokensAnswer = z.object({
  tokens: z.array(tokenAnswer).readonly(),
  tampered: z.array(z.string()).readonly(),
});

export const createdAnswer = z.object({
  token: tokenAnswer,
  secret: z.string().describe('The token itself. Shown only now.'),
});
