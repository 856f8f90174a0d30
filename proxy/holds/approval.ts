import type { GrantLine } from '../../guardrails/needed-lines.ts';

/** A reviewer's word for one execution of one text. */
export interface Approval {
  /** Id of the hold. */
  readonly hold: string;
  /** What it adds to the grant, for that execution alone. */
  readonly lines: readonly GrantLine[];
}

/** What an approval is for: one Query, or one portal, which runs once. */
export interface Approvable {
  approval: Approval | null;
}

/** Of a statement that was approved by itself, before there was a portal. */
export interface EarlyApproval {
  readonly approval: Approval;
  /** By performance.now(). */
  readonly until: number;
}

/** How long such a statement may take to be bound, ms. */
const BIND_WITHIN = 60_000;

export const earlyApproval = (approval: Approval): EarlyApproval => ({
  approval,
  until: performance.now() + BIND_WITHIN,
});

/** Once, for the next portal with so many values. With values it is void: nobody has seen them. */
export function takeApproval(
  statement: { approved?: EarlyApproval | null },
  values: number,
): Approval | null {
  const { approved } = statement;
  if (!approved) return null;
  statement.approved = null;
  return values === 0 && performance.now() < approved.until ? approved.approval : null;
}
