/** POST /v1/risk/score: the risk model. */
import type { FastifyInstance } from 'fastify';
import type { SessionRef } from '../../audit/events.ts';
import { redact } from '../../guardrails/redact.ts';
import { type RiskConfig, thresholdsOf } from '../config-risk.ts';
import type { Opinion } from '../risk/assessment.ts';
import { type Limit, limitsOf } from '../risk/limits.ts';
import type { ModelHost } from '../risk/model-host.ts';
import { addModelRoute, type ModelDoor } from './model-route.ts';
import { SCORE_SCHEMA, type ScoreAnswer, type ScoreRequest } from './score-schema.ts';

export interface ScoreRouteParts extends ModelDoor {
  readonly risk: RiskConfig;
  readonly model: ModelHost;
}

export function addScoreRoute(server: FastifyInstance, { risk, model, ...door }: ScoreRouteParts): void {
  addModelRoute<ScoreRequest, ScoreAnswer>(server, door, {
    url: '/v1/risk/score',
    schema: SCORE_SCHEMA,
    model: 'risk',
    ready: () => model.card !== null,
    question: ({ sql, context = {} }) => ({ asked: 'risk', sql: redact(sql), context }),
    ask: async ({ sql, context = {} }, { ref, grant }) => {
      const opinion = await model.inquire({ sql: redact(sql), context });
      if (opinion.kind === 'unscored') return { fault: opinion.cause };
      const thresholds = thresholdsOf(risk, grant.database, grant.principal.teams);
      const limits = limitsOf(thresholds, model.card?.points ?? { statements: [], sessions: [] }, null);
      const answer = answerOf(opinion, limits.statement, ref);
      const { score, threshold } = answer;
      return { answer, outcome: { model: answer.model, score, threshold: threshold.crossed } };
    },
  });
}

function answerOf(opinion: Opinion, { flag, hold }: Limit, { session }: SessionRef): ScoreAnswer {
  const { score, logOdds, probability, reasons, model } = opinion;
  const crossed = reaches(score, hold) ? 'hold' : reaches(score, flag) ? 'flag' : null;
  return {
    score,
    logOdds,
    probability,
    threshold: { crossed, flag, hold },
    reasons: [...reasons],
    model,
    session,
  };
}

const reaches = (score: number, limit: number | null): boolean => limit !== null && score >= limit;
