import type { AccessRequest, Me } from '../../api/answers.ts';
import type { IconName } from '../../components/icon.tsx';

type State = AccessRequest['state']['kind'];

/** `decision`: whose colours it has; absent: none. */
interface StateLook {
  readonly word: string;
  readonly icon: IconName;
  readonly decision?: 'allow' | 'deny' | 'hold';
}

export const STATES: Readonly<Record<State, StateLook>> = {
  pending: { word: 'Waiting', icon: 'clock', decision: 'hold' },
  approved: { word: 'Approved', icon: 'allow', decision: 'allow' },
  denied: { word: 'Denied', icon: 'deny', decision: 'deny' },
  withdrawn: { word: 'Withdrawn', icon: 'leave' },
  expired: { word: 'Expired', icon: 'clock' },
};

/** Theirs, or of an agent that works for them. */
export const isOwn = ({ id }: Me, { principal }: Pick<AccessRequest, 'principal'>): boolean =>
  principal.id === id || principal.actsFor === id;

export type MayDecide = { readonly may: true } | { readonly may: false; readonly why: string | null };

/** Whether the API would let them decide; why not, where they might think so. */
export function mayDecide(me: Me, request: AccessRequest): MayDecide {
  const { state } = request;
  if (state.kind !== 'pending' || !me.roles.includes('reviewer')) return { may: false, why: null };
  if (isOwn(me, request)) return { may: false, why: 'Nobody decides on their own request.' };
  const { groups } = state.review;
  if (groups.length > 0 && !groups.some((group) => me.groups.includes(group)))
    return { may: false, why: `Only members of ${groups.join(', ')} decide on it.` };
  if (state.approvals.some(({ by }) => by === me.id))
    return { may: false, why: 'You have approved it; somebody else has to, too.' };
  return { may: true };
}

/** The terms that count by now: granted, to be granted, or asked. */
export const termsOf = ({ state, terms }: AccessRequest): AccessRequest['terms'] =>
  state.kind === 'approved' || state.kind === 'pending' ? state.terms : terms;
