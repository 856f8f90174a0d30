import { decideRequest } from '../policy/decide-request.ts';
import { DEFAULT_AFTERCARE } from '../policy/defaults.ts';
import type { Policy } from '../policy/policy.ts';
import { newGrantId } from '../token.ts';
import { type AccessRequest, type RequestForm, submitted } from './access-request.ts';
import type { TriageFinding } from './triage-finding.ts';

/** What a policy knows besides the form. */
export interface Circumstances {
  readonly onCall: boolean;
  /** null: no model has looked at it. */
  readonly triage: TriageFinding | null;
  /** Unix time in ms. */
  readonly now: number;
}

/** What becomes of a request by the policy; nothing is kept yet. */
export function ask(
  policy: Policy,
  form: RequestForm,
  { onCall, triage, now }: Circumstances,
): AccessRequest {
  const { scope, ttl, limits } = form.terms;
  const decision = decideRequest(policy, { ...form, scope, ttl, limits, onCall, triage, at: now });
  const rest = { triage, grant: newGrantId(), now, ...aftercareOf(policy, form) };
  return submitted(newGrantId(), form, decision, rest);
}

/** What an emergency owes. */
export function aftercareOf(
  { emergencies = DEFAULT_AFTERCARE }: Policy,
  { emergency }: Pick<RequestForm, 'emergency'>,
): Pick<AccessRequest, 'aftercare'> {
  return emergency ? { aftercare: { ...emergencies, finding: null } } : {};
}

/** Without a policy, everything is reviewed. */
export const NO_POLICY: Policy = { revision: 'none', rules: [], dataClasses: new Map() };
