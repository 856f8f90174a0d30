/** Why a score is what it is. */
export interface Reason {
  readonly feature: string;
  /** Here, and what is usual of harmless statements or sessions. */
  readonly value: number;
  readonly usual: number;
  /** Log-odds that this feature adds, against its usual value. */
  readonly contribution: number;
  readonly direction: 'up' | 'down';
  /** For people: a clause about the statement or session. */
  readonly sentence: string;
}

/** Less is not worth telling. In log-odds. */
const LEAST = 0.02;
const MOST_REASONS = 5;

/** What raises most comes first. */
export function topReasons(reasons: readonly Reason[]): readonly Reason[] {
  return reasons
    .filter(({ contribution }) => Math.abs(contribution) >= LEAST)
    .toSorted((a, b) => b.contribution - a.contribution)
    .slice(0, MOST_REASONS);
}

export function reasonOf(
  feature: string,
  sentence: string,
  value: number,
  usual: number,
  contribution: number,
): Reason {
  const direction = contribution >= 0 ? 'up' : 'down';
  const round = (number: number) => Math.round(number * 1000) / 1000;
  return {
    feature,
    sentence,
    value: round(value),
    usual: round(usual),
    contribution: round(contribution),
    direction,
  };
}
