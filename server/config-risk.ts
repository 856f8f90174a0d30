import { z } from 'zod';
import { type configFields, duration, refuse } from './config-fields.ts';
import { type WebhookConfig, webhookField } from './config-webhook.ts';

export const RISK_DEFAULTS = {
  model: 'builtin',
  onFailure: 'allow',
  timeout: '100ms',
  thresholds: { flag: 'auto', hold: null, end: null },
} as const;

/** A score from 0 to 1; `auto`: where the model was measured to raise few false alarms; null: never. */
export type Threshold = number | 'auto' | null;

/** From which score on something is done. */
export interface RiskThresholds {
  readonly flag: Threshold;
  readonly hold: Threshold;
  readonly end: Threshold;
}

export interface RiskConfig {
  /** `builtin`, or the absolute path of a directory. */
  readonly model: string;
  /** What becomes of an unusual statement that can't be scored: refused, or forwarded with an alarm. */
  readonly onFailure: 'hold' | 'allow';
  /** How long a statement waits for its score, ms. */
  readonly timeout: number;
  readonly thresholds: RiskThresholds;
  /** What `flag: auto` aims at, for each database; null: 1 in 100 unusual statements. */
  readonly alarmsPerDay: number | null;
  /** By the name of a database; those of a team go before. */
  readonly databases: Readonly<Record<string, Partial<RiskThresholds>>>;
  readonly teams: Readonly<Record<string, Partial<RiskThresholds>>>;
  /** Who is told of alarms. */
  readonly webhook: WebhookConfig | null;
}

const SCORE_FAULT = 'is neither auto, nor null, nor a score from 0 to 1';
const score = z
  .union([z.literal('auto'), z.number().min(0, SCORE_FAULT).max(1, SCORE_FAULT)], { error: SCORE_FAULT })
  .nullable();

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
  z.strictObject({ thresholds: partial }).transform(({ thresholds }) => thresholds),
);

/** `risk`: whether, and how, what is unusual is scored. Without the key nothing is. */
export function riskField(fields: ReturnType<typeof configFields>) {
  const { path } = fields;
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
      alarmsPerDay: z.number().positive().nullable().default(null),
      databases: overrides.default({}),
      teams: overrides.default({}),
      webhook: webhookField(fields),
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
 * of several teams' the strictest, where `auto` is less strict than a score.
 */
export function thresholdsOf(risk: RiskConfig, database: string, teams: readonly string[]): RiskThresholds {
  const own = Object.hasOwn(risk.databases, database) ? risk.databases[database] : {};
  const base: RiskThresholds = { ...risk.thresholds, ...own };
  const asked = teams.flatMap((team) => (Object.hasOwn(risk.teams, team) ? [risk.teams[team] ?? {}] : []));
  const strictest = (name: keyof RiskThresholds): Threshold => {
    const named = asked.flatMap((each) => (each[name] === undefined ? [] : [each[name]]));
    if (named.length === 0) return base[name];
    const scores = named.filter((each) => typeof each === 'number');
    if (scores.length > 0) return Math.min(...scores);
    return named.includes('auto') ? 'auto' : null;
  };
  return { flag: strictest('flag'), hold: strictest('hold'), end: strictest('end') };
}

function* everyCase(risk: RiskConfig): Iterable<readonly [string, RiskThresholds]> {
  yield ['', risk.thresholds];
  for (const name of Object.keys(risk.databases))
    yield [` of database ${name}`, thresholdsOf(risk, name, [])];
  for (const team of Object.keys(risk.teams)) yield [` of team ${team}`, thresholdsOf(risk, '', [team])];
}

const ascends = ({ flag, hold, end }: RiskThresholds): boolean => {
  const scores = [flag, hold, end].filter((each) => typeof each === 'number');
  return scores.every((each, index) => index === 0 || each >= (scores[index - 1] as number));
};
