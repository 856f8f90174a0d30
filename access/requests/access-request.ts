/** Somebody asks for access: what for, what the policy made of it, and what became of it. */
import type { Cap, PolicyDecision, PolicyRequest, Review } from '../policy/policy.ts';
import type { Aftercare } from './aftercare.ts';
import type { TriageFinding } from './triage-finding.ts';

/** What is asked, as it was asked. */
export interface RequestForm {
  readonly principal: PolicyRequest['principal'];
  readonly database: string;
  readonly terms: Cap;
  /** Free text: data, never an instruction. */
  readonly reason: string;
  readonly ticket: string | null;
  readonly emergency: boolean;
  /** IP address of the requester. */
  readonly address: string | null;
}

export interface AccessRequest extends RequestForm {
  readonly id: string;
  /** ISO 8601 UTC. */
  readonly askedAt: string;
  /** Rule and revision of the policy, null where no rule matched, and what it had to say. */
  readonly rule: string | null;
  readonly revision: string;
  readonly notes: readonly string[];
  readonly triage: TriageFinding | null;
  readonly state: RequestState;
  /** More time for a grant is asked for; without it, a new grant. */
  readonly extension?: Extension;
  /** It is an emergency, which is reviewed afterwards. */
  readonly aftercare?: Aftercare;
}

export interface Extension {
  /** The request that the grant has come of. */
  readonly request: string;
  readonly grant: string;
  /** The end that is asked for, ISO 8601 UTC. */
  readonly until: string;
}

export type RequestState =
  | Pending
  /** The clock of the grant starts at `at`. */
  | {
      readonly kind: 'approved';
      readonly at: string;
      readonly grant: string;
      readonly terms: Cap;
      /** Empty: by the policy. */
      readonly approvals: readonly Approval[];
    }
  | { readonly kind: 'denied'; readonly at: string; readonly by: string | null; readonly reason: string }
  | { readonly kind: 'withdrawn'; readonly at: string }
  | { readonly kind: 'expired'; readonly at: string };

export interface Pending {
  readonly kind: 'pending';
  readonly expiresAt: string;
  readonly review: Review;
  /** What is granted if nobody narrows it further. */
  readonly terms: Cap;
  readonly approvals: readonly Approval[];
}

export interface Approval {
  readonly by: string;
  /** Whom an agent works for. */
  readonly actsFor?: string;
  readonly at: string;
  readonly comment: string;
}

export interface Reviewer {
  readonly id: string;
  readonly groups: readonly string[];
  /** Whom an agent works for: what it does is done by them. */
  readonly actsFor?: string;
}

export type Submission = Pick<AccessRequest, 'triage' | 'extension' | 'aftercare'> & {
  /** The id that a grant of it will have, or has. */
  readonly grant: string;
  /** Unix time in ms. */
  readonly now: number;
};

/** What the policy decides becomes the first state. */
export function submitted(
  id: string,
  form: RequestForm,
  decision: PolicyDecision,
  { grant, now, ...rest }: Submission,
): AccessRequest {
  const { rule, revision, notes } = decision;
  const askedAt = new Date(now).toISOString();
  return { ...form, ...rest, id, askedAt, rule, revision, notes, state: firstState(decision, grant, now) };
}

function firstState(decision: PolicyDecision, grant: string, now: number): RequestState {
  const at = new Date(now).toISOString();
  switch (decision.outcome) {
    case 'auto_approve':
      return { kind: 'approved', at, grant, terms: decision.terms, approvals: [] };
    case 'deny':
      return { kind: 'denied', at, by: null, reason: decision.reason };
    case 'review': {
      const { review, terms } = decision;
      const expiresAt = new Date(now + review.expires).toISOString();
      return { kind: 'pending', expiresAt, review, terms, approvals: [] };
    }
    default:
      return decision satisfies never;
  }
}

/** As it is now: a pending request that nobody has decided in its time is expired. */
export function asOf(request: AccessRequest, now: number): AccessRequest {
  const { state } = request;
  if (state.kind !== 'pending' || now < Date.parse(state.expiresAt)) return request;
  return { ...request, state: { kind: 'expired', at: state.expiresAt } };
}

/** When the grant of an approved request ends, Unix ms. */
export function endOf({ state, extension }: AccessRequest): number | null {
  if (state.kind !== 'approved') return null;
  const end = Date.parse(state.at) + state.terms.ttl;
  return extension === undefined ? end : Math.min(end, Date.parse(extension.until));
}
