/** Local accounts, as they are made and shown. */
import { z } from 'zod';
import { MAX_PASSWORD, MIN_PASSWORD } from '../../access/accounts/password.ts';
import { PRINCIPAL_ID, ROLES } from '../../access/accounts/principal.ts';

const names = z.array(z.string().min(1).max(128)).max(100).default([]);
const membership = { roles: z.array(z.enum(ROLES)).max(ROLES.length), teams: names, groups: names };
const password = z.string().min(MIN_PASSWORD).max(MAX_PASSWORD);

export const params = z.strictObject({ id: z.string().min(1).max(128) });
export const addBody = z.strictObject({ id: z.string().regex(PRINCIPAL_ID), password, ...membership });
export const assignBody = z.strictObject(membership);
export const passwordBody = z.strictObject({ password });

export const accountAnswer = z.object({
  id: z.string(),
  roles: z.array(z.string()),
  teams: z.array(z.string()),
  groups: z.array(z.string()),
  disabled: z.boolean(),
  createdAt: z.string().describe('ISO 8601 UTC.'),
  createdBy: z.string(),
});

export const accountsAnswer = z.object({
  accounts: z.array(accountAnswer).readonly(),
  tampered: z.array(z.string()).readonly(),
});
