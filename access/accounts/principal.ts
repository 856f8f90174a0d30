/** Who uses Postern over HTTP: what a login, or an API token, comes to. */
import type { PrincipalKind } from '../policy/policy.ts';

/**
 * requester: asks for access, and sees what is theirs. reviewer: decides on requests, ends grants and sessions. auditor:
 * sees everything and changes nothing. admin: keeps accounts and tokens, ends grants and sessions. None includes another.
 */
export const ROLES = ['requester', 'reviewer', 'auditor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Principal {
  readonly id: string;
  readonly kind: PrincipalKind;
  /** Whom an agent works for. */
  readonly actsFor: string | null;
  readonly teams: readonly string[];
  /** Whose members may approve, by the policy's names. */
  readonly groups: readonly string[];
  readonly roles: readonly Role[];
  /** The databases that it may deal with; null: all. */
  readonly databases: readonly string[] | null;
  /** Who made its token: that person does not approve through it. */
  readonly madeBy: string | null;
}

/** Names of accounts, and of whom tokens are for: in one case, so that no two look alike. */
export const PRINCIPAL_ID = /^[a-z0-9][a-z0-9._@+-]{0,127}$/;

/** Teams, groups and databases. */
export const NAME = /^[^\p{Cc}]{1,128}$/u;

/** What somebody wants of accounts or tokens can't be done; the message tells them why. */
export class AccountRefused extends Error {
  override name = 'AccountRefused';
}
