/** How a grant can end before its time, by whoever looks at it. */
import type { Grant } from '../../api/answers.ts';
import { ENDERS, hasRole, who } from '../../state/who.ts';

export interface Ending {
  readonly verb: 'revoke' | 'return';
  readonly label: string;
  /** What is told afterwards. */
  readonly done: string;
}

const RETURN: Ending = { verb: 'return', label: 'Give it back', done: 'Given back' };
const REVOKE: Ending = { verb: 'revoke', label: 'Revoke', done: 'Revoked' };

export function endingsOf({ principal }: Pick<Grant, 'principal'>): readonly Ending[] {
  if (who.value.kind !== 'known') return [];
  const { id } = who.value.me;
  const own = hasRole('requester') && (principal.id === id || principal.actsFor === id);
  return [...(own ? [RETURN] : []), ...(hasRole(...ENDERS) ? [REVOKE] : [])];
}
