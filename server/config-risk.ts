import { z } from 'zod';
import { type configFields, duration, refuse } from './config-fields.ts';

export const RISK_DEFAULTS = {
  model: 'builtin',
  onFailure: 'allow',
  timeout: '100ms',
  thresholds: { flag: 0.9, hold: null, end: null },
} as const;

/** From which score on something is done; null: never. */
export interface RiskThresholds {
  readonly flag: number | null;
  readonly hold: number | null;
  readonly end: number | null;
}

export interface RiskConfig {
  /** `builtin`, or the absolute path of a directory. */
  readonly model: string;
  /** What becomes of an unusual statement that can't be scored: refused, or forwarded with an alarm. */
  readonly onFailure: 'hold' | 'allow';
  /** How long a statement waits for its score, ms. */
  readonly timeout: number;
  readonly thresholds: RiskThresholds;
  /** By the name of a database; those of a team go before. */
  readonly databases: Readonly<Record<string, Partial<RiskThresholds>>>;
  readonly teams: Readonly<Record<string, Partial<RiskThresholds>>>;
}

const SCORE_FAULT = 'is neither null nor a score from 0 to 1';
const score = z.number({ error: SCORE_FAULT }).min(0, SCORE_FAULT).max(1, SCORE_FAULT).nullable();

const partial = z
  .strictObject({ flag: score.optional(), hold: score.optional(), end: score.optional() })
  .transform(
    ({ flag, hold, end }): Partial<RiskThresholds> => ({
      ...(flag !== undefined && { flag }),
      ...(hold !== undefined && { hold }),
      ...(end !== undefined && { end }),
    }),
  );
const overrides = z.record(
  z.string().min(1),
  z.strictObject({ thresholds: partial }).transform((each) => each.thresholds),
);

/** `risk`: whether, and how, what is unusual is scored. Without the key nothing is. */
export function riskField({ path }: ReturnType<typeof configFields>) {
  return z
    .strictObject({
      model: z.union([z.literal('builtin'), path]).default(RISK_DEFAULTS.model),
      onFailure: z.enum(['hold', 'allow']).default(RISK_DEFAULTS.onFailure),
      timeout: duration.prefault(RISK_DEFAULTS.timeout),
      thresholds: z
        .strictObject({
          flag: score.default(RISK_DEFAULTS.thresholds.flag),
          hold: score.default(RISK_DEFAULTS.thresholds.hold),
          end: score.default(RISK_DEFAULTS.thresholds.end),
        })
        .prefault({}),
      databases: overrides.default({}),
      teams: overrides.default({}),
    })
    .transform((risk, context): RiskConfig => {
      for (const [name, thresholds] of everyCase(risk))
        if (!ascends(thresholds))
          refuse(context, `thresholds${name} do not ascend from flag over hold to end`, undefined);
      return risk;
    })
    .nullable()
    .default(null);
}

/**
 * What holds for a session: the general thresholds, those of its database instead, those of its teams instead of either;
 * of several teams' the lowest.
 */
export function thresholdsOf(risk: RiskConfig, database: string, teams: readonly string[]): RiskThresholds {
  const own = Object.hasOwn(risk.databases, database) ? risk.databases[database] : {};
  const base: RiskThresholds = { ...risk.thresholds, ...own };
  const asked = teams.flatMap((team) => (Object.hasOwn(risk.teams, team) ? [risk.teams[team] ?? {}] : []));
  const lowest = (name: keyof RiskThresholds): number | null => {
    const named = asked.flatMap((each) => (each[name] === undefined ? [] : [each[name]]));
    if (named.length === 0) return base[name];
    const scores = named.filter((each) => each !== null);
    return scores.length === 0 ? null : Math.min(...scores);
  };
  return { flag: lowest('flag'), hold: lowest('hold'), end: lowest('end') };
}

function* everyCase(risk: RiskConfig): Iterable<readonly [string, RiskThresholds]> {
  yield ['', risk.thresholds];
  for (const name of Object.keys(risk.databases))
    yield [` of database ${name}`, thresholdsOf(risk, name, [])];
  for (const team of Object.keys(risk.teams)) yield [` of team ${team}`, thresholdsOf(risk, '', [team])];
}

const ascends = ({ flag, hold, end }: RiskThresholds): boolean => {
  const scores = [flag, hold, end].filter((each) => each !== null);
  return scores.every((each, index) => index === 0 || each >= (scores[index - 1] as number));
};
