import type { AftercareRules, Review } from './policy.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Where no rule says more. */
export const DEFAULT_REVIEW: Review = { groups: [], approvals: 1, expires: DAY };
/** The most that a grant without a rule may be: a reviewer has meant all of it. ms */
export const DEFAULT_TTL: number = 8 * HOUR;
/** Where the policy says nothing of emergencies. */
export const DEFAULT_AFTERCARE: AftercareRules = { groups: [], within: DAY };
