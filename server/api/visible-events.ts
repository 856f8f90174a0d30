/** Events of the trail, for those who may see them. */
import type { Principal } from '../../access/accounts/principal.ts';
import type { SpooledEvent } from '../../audit/events.ts';
import { has, OVERSEERS } from './visibility.ts';

/** Whether they see only what is theirs. */
export const seesOwnOnly = (principal: Principal): boolean => !has(principal, OVERSEERS);

/**
 * By what the event itself says. Of tokens that are for some databases, only what says that it is of one of these; of those
 * who see only what is theirs, what has them as its principal.
 */
export function seesEvent(principal: Principal, event: SpooledEvent): boolean {
  const { database } = event as { readonly database?: unknown };
  const { databases, id } = principal;
  const inReach = databases === null || (typeof database === 'string' && databases.includes(database));
  return inReach && (!seesOwnOnly(principal) || isOf(event, id));
}

function isOf(event: SpooledEvent, id: string): boolean {
  const { principal, actsFor } = event as { readonly principal?: unknown; readonly actsFor?: unknown };
  return principal === id || actsFor === id;
}

/**
 * The same for a question: of whom to ask; `'nobody'` where what is asked for can't be theirs.
 */
export function principalToAsk(
  principal: Principal,
  asked: string | undefined,
): { principal?: string } | 'nobody' {
  if (!seesOwnOnly(principal)) return asked === undefined ? {} : { principal: asked };
  return asked === undefined || asked === principal.id ? { principal: principal.id } : 'nobody';
}
