/** Who may get what: rules in order, of which the first that matches decides. */
import type { GrantAction, Scope } from '../../guardrails/types.ts';
import type { GrantLimits } from '../grant.ts';

export interface Policy {
  /** Names the text it was read from; part of each decision. */
  readonly revision: string;
  readonly rules: readonly Rule[];
  /** Patterns of relations and columns by what kind of data they hold, such as `personal`. */
  readonly dataClasses: ReadonlyMap<string, readonly string[]>;
  /** Who reviews emergencies afterwards. */
  readonly emergencies?: AftercareRules;
}

export interface AftercareRules {
  /** Whose members may; none: whoever is a reviewer. Nobody reviews their own. */
  readonly groups: readonly string[];
  /** ms from the approval until it is overdue. */
  readonly within: number;
}

export interface Rule {
  readonly name: string;
  readonly when: Conditions;
  readonly outcome: Outcome;
}

/** All that are given have to hold. What the request does not tell holds for none. */
export interface Conditions {
  readonly principals?: readonly string[];
  readonly kinds?: readonly PrincipalKind[];
  /** Any of them. */
  readonly teams?: readonly string[];
  readonly roles?: readonly string[];
  readonly databases?: readonly string[];
  /** Nothing else is asked. */
  readonly actions?: readonly GrantAction[];
  /** Patterns; nothing outside of them is asked. */
  readonly relations?: readonly string[];
  /** Data classes; something of one of them is asked, or may be. */
  readonly touches?: readonly string[];
  /** Data classes; nothing of any of them is asked. */
  readonly avoids?: readonly string[];
  /** ms at most. */
  readonly duration?: number;
  readonly hours?: Hours;
  /** Addresses and networks in CIDR form, of which one has the requester. */
  readonly networks?: readonly string[];
  /** There is a ticket (or none), or one of this form. */
  readonly ticket?: boolean | RegExp;
  readonly onCall?: boolean;
  /** Only emergencies. Without it, a rule that grants is for everything else, and one that denies for both. */
  readonly emergency?: true;
  /** Of the triage model, 0 to 1. */
  readonly risk?: Range;
  readonly confidence?: Range;
}

export interface Range {
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** A time of the day, in a zone of its own. */
export interface Hours {
  /** 0 is Sunday; of the day on which the time begins. */
  readonly days: readonly number[];
  /** Minutes since midnight; if `to` comes before `from`, it is of the next day. */
  readonly from: number;
  readonly to: number;
  /** IANA name. */
  readonly timeZone: string;
}

/** The most that a grant by a rule may be. */
export interface Cap {
  readonly scope: Scope;
  /** ms */
  readonly ttl: number;
  readonly limits: GrantLimits;
}

export type Outcome =
  | {
      readonly kind: 'auto_approve';
      readonly cap: Cap;
      /** What asks for more than the cap: is granted within it, or goes to review. */
      readonly beyond: 'narrow' | 'review';
    }
  | { readonly kind: 'review'; readonly cap: Cap; readonly review: Review }
  | { readonly kind: 'deny'; readonly reason: string };

export interface Review {
  /** Whose members may approve; none: whoever is a reviewer. Nobody approves their own. */
  readonly groups: readonly string[];
  /** How many have to. */
  readonly approvals: number;
  /** ms until a pending request expires. */
  readonly expires: number;
}

export type PrincipalKind = 'person' | 'service' | 'agent';

/** What a policy looks at: what is asked, by whom, and the circumstances of the moment. */
export interface PolicyRequest {
  readonly principal: {
    readonly id: string;
    readonly kind: PrincipalKind;
    readonly teams: readonly string[];
    readonly roles: readonly string[];
    /** Whom an agent works for. */
    readonly actsFor?: string;
  };
  readonly database: string;
  readonly scope: Scope;
  /** ms */
  readonly ttl: number;
  readonly limits: GrantLimits;
  readonly ticket: string | null;
  readonly emergency: boolean;
  /** IP address of the requester. */
  readonly address: string | null;
  readonly onCall: boolean;
  /** Unix time in ms. */
  readonly at: number;
  readonly triage: Triage | null;
}

/** What the triage model says of a request. It can only make an outcome stricter. */
export interface Triage {
  /** 0 to 1. */
  readonly risk: number;
  readonly confidence: number;
  /** The text addresses the approver, names an outcome, or hides something. */
  readonly suspicious: boolean;
}

/** What a rule makes of a request. `notes`: sentences for people, of what was lowered and why. */
export type PolicyOutcome =
  | { readonly outcome: 'auto_approve'; readonly terms: Cap; readonly notes: readonly string[] }
  | {
      readonly outcome: 'review';
      readonly review: Review;
      /** The most that a reviewer may grant. */
      readonly cap: Cap;
      /** What is granted if the reviewer narrows it no further. */
      readonly terms: Cap;
      readonly notes: readonly string[];
    }
  | { readonly outcome: 'deny'; readonly reason: string; readonly notes: readonly string[] };

export type PolicyDecision = PolicyOutcome & {
  /** Name of the rule; null: none matched. */
  readonly rule: string | null;
  readonly revision: string;
};
