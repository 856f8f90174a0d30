/** A statement that waits for a reviewer: what it is, whose, and what became of it. */
import type { HeldStatement } from '../../proxy/ports.ts';

/** What is known of it when it is held. */
export interface HoldForm {
  readonly session: string;
  readonly grant: string;
  readonly principal: { readonly id: string; readonly actsFor?: string };
  readonly database: string;
  /** `ip:port` */
  readonly client: string;
  readonly application: string | null;
  readonly statement: HeldStatement;
  /** Whose members decide; empty: anybody's. */
  readonly groups: readonly string[];
}

export interface Held extends HoldForm {
  readonly id: string;
  /** ISO 8601 UTC. */
  readonly askedAt: string;
  readonly expiresAt: string;
  readonly state: HoldState;
}

export type HoldState =
  | { readonly kind: 'pending' }
  | { readonly kind: 'approved'; readonly at: string; readonly by: string; readonly comment: string }
  | { readonly kind: 'denied'; readonly at: string; readonly by: string; readonly reason: string }
  | { readonly kind: 'expired'; readonly at: string };

/** `now`: Unix ms; `wait`: ms. */
export function heldFrom(id: string, form: HoldForm, now: number, wait: number): Held {
  const [askedAt, expiresAt] = [now, now + wait].map((at) => new Date(at).toISOString()) as [string, string];
  return { ...form, id, askedAt, expiresAt, state: { kind: 'pending' } };
}

/** As it is now: one that nobody has decided on in its time is expired, whatever became of its proxy. */
export function heldAsOf(held: Held, now: number): Held {
  if (held.state.kind !== 'pending' || now < Date.parse(held.expiresAt)) return held;
  return { ...held, state: { kind: 'expired', at: held.expiresAt } };
}
