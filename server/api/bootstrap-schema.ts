/** How the first admin comes to be. */
import { z } from 'zod';
import { MAX_PASSWORD, MIN_PASSWORD } from '../../access/accounts/password.ts';

export const bootstrapBody = z.strictObject({
  code: z.string().min(1).max(128).describe('As printed at the start of the node.'),
  account: z.string().min(1).max(128),
  password: z.string().min(MIN_PASSWORD).max(MAX_PASSWORD),
});

export const bootstrappedAnswer = z.object({ account: z.string() });

export const bootstrapAnswer = z.object({
  needed: z.boolean().describe('There is no account yet, and a code that lets somebody make the first.'),
});
