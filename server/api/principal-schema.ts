import { z } from 'zod';
import { type Principal, ROLES } from '../../access/accounts/principal.ts';

export const principalAnswer = z.object({
  id: z.string(),
  kind: z.enum(['person', 'service', 'agent']),
  actsFor: z.string().nullable().describe('Whom an agent works for.'),
  teams: z.array(z.string()),
  groups: z.array(z.string()),
  roles: z.array(z.enum(ROLES)),
  databases: z.array(z.string()).nullable().describe('null: all.'),
});

export function shownPrincipal({ madeBy: _, teams, groups, roles, databases, ...rest }: Principal) {
  return {
    ...rest,
    teams: [...teams],
    groups: [...groups],
    roles: [...roles],
    databases: databases === null ? null : [...databases],
  };
}
