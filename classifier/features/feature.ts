/** How a feature is told and used. */
export interface FeatureText {
  /** For a DBA: a clause about the statement or session, true where the value is above what is usual. */
  readonly sentence: string;
  /** Whether a greater value can only add to the risk (1), only take from it (-1), or either (0). */
  readonly trend: 1 | -1 | 0;
}

export type FeatureTexts<Name extends string = string> = Readonly<Record<Name, FeatureText>>;

/** Values by feature name; counting begins at 0. */
export type Tally<Name extends string> = Record<Name, number>;

export const feature = (sentence: string, trend: 1 | -1 | 0 = 0): FeatureText => ({ sentence, trend });

/** One object that held the texts: V8 then has places in it, and in copies of it, for numbers of all kinds. */
export function zeros<Name extends string>(texts: FeatureTexts<Name>): Tally<Name> {
  const tally: Record<string, unknown> = { ...texts };
  for (const name in tally) tally[name] = 0;
  return tally as Tally<Name>;
}
