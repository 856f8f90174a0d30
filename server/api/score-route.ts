/** POST /v1/risk/score: the risk model, for whoever holds a grant that allows asking it. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuditEvent, SessionRef } from '../../audit/events.ts';
import { redact } from '../../guardrails/redact.ts';
import type { AuditTrail } from '../../proxy/ports.ts';
import { type RiskConfig, thresholdsOf } from '../config-risk.ts';
import type { Opinion } from '../risk/assessment.ts';
import { type Limit, limitsOf } from '../risk/limits.ts';
import type { ModelHost } from '../risk/model-host.ts';
import type { ApiDoor, ApiSession, Holder } from './api-door.ts';
import { notNow } from './refusals.ts';
import { SCORE_SCHEMA, type ScoreAnswer, type ScoreRequest } from './score-schema.ts';

export interface ScoreRouteParts {
  readonly door: ApiDoor;
  readonly trail: AuditTrail;
  readonly risk: RiskConfig;
  readonly model: ModelHost;
}

const MODEL = 'risk';
/** Scorings under way at one time; each has its text in memory. */
const MOST_UNDERWAY = 64;

type ModelAnswer = Extract<AuditEvent, { type: 'model.answer' }>;
type Outcome = Pick<ModelAnswer, 'model' | 'score' | 'threshold' | 'fault'>;

export function addScoreRoute(server: FastifyInstance, { door, trail, risk, model }: ScoreRouteParts): void {
  const holders = new WeakMap<FastifyRequest, Holder>();
  let underway = 0;

  server.post<{ Body: ScoreRequest }>('/v1/risk/score', {
    schema: SCORE_SCHEMA,
    // Before the body is read: it is nobody's yet.
    onRequest: async (request) => {
      holders.set(request, await door.prove(request.raw));
    },
    handler: async (request) => {
      if (underway >= MOST_UNDERWAY) throw notNow('too many statements are being scored');
      underway++;
      try {
        return await score(holders.get(request) as Holder, request);
      } finally {
        underway--;
      }
    },
  });

  async function score(holder: Holder, { body, protocol }: FastifyRequest<{ Body: ScoreRequest }>) {
    if (model.card === null) throw notNow('there is no risk model to ask');
    const session = await door.admit(holder, MODEL);
    let answered = false;
    try {
      const sql = redact(body.sql);
      const { context = {} } = body;
      const { ref, application } = session;
      const tls = protocol === 'https';
      await keep({ type: 'model.request', asked: MODEL, sql, context, application, tls, ...ref });
      const answer = await ask(session, { sql, context });
      answered = true;
      return answer;
    } finally {
      await session.leave(!answered);
    }
  }

  async function ask(
    session: ApiSession,
    inquiry: Parameters<ModelHost['inquire']>[0],
  ): Promise<ScoreAnswer> {
    const { ref, grant } = session;
    const begun = performance.now();
    const end = (outcome: Outcome) => keep(answerEvent(ref, performance.now() - begun, outcome));
    const opinion = await model.inquire(inquiry);
    if (opinion.kind === 'unscored') {
      await end({ ...NOTHING, fault: opinion.cause });
      throw notNow('the risk model has not answered');
    }
    const ended = session.ended();
    if (ended !== null) {
      await end({ ...NOTHING, fault: ended.code });
      throw ended;
    }
    const thresholds = thresholdsOf(risk, grant.database, grant.principal.teams);
    const limits = limitsOf(thresholds, model.card?.points ?? { statements: [], sessions: [] }, null);
    const answer = answerOf(opinion, limits.statement, ref);
    await end({ model: answer.model, score: answer.score, threshold: answer.threshold.crossed, fault: null });
    return answer;
  }

  /** INVARIANT: in the trail before anything follows from it. */
  async function keep(event: AuditEvent): Promise<void> {
    trail.append(event);
    if (!(await trail.commit())) throw notNow('the audit trail cannot be written');
  }
}

const NOTHING = { model: null, score: null, threshold: null };

const answerEvent = (ref: SessionRef, ms: number, outcome: Outcome): ModelAnswer => ({
  type: 'model.answer',
  asked: MODEL,
  ...outcome,
  durationMs: Math.round(ms * 1000) / 1000,
  ...ref,
});

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
