/** A route on which a model answers, for whoever holds a grant that allows asking it. */
import type { FastifyInstance, FastifyRequest, FastifySchema } from 'fastify';
import type { AuditEvent, ModelQuestion, SessionRef } from '../../audit/events.ts';
import type { AuditTrail } from '../../proxy/ports.ts';
import type { ApiDoor, ApiSession, Holder } from './api-door.ts';
import { notNow } from './refusals.ts';

export interface ModelDoor {
  readonly door: ApiDoor;
  readonly trail: AuditTrail;
}

export interface ModelRoute<Body, Answer> {
  readonly url: string;
  readonly schema: FastifySchema;
  /** By the name that grants have for it. */
  readonly model: ModelQuestion['asked'];
  /** Before anything is spent: whether there is one to ask. */
  readonly ready: () => boolean;
  /** What the trail keeps of it. */
  readonly question: (body: Body) => ModelQuestion & { readonly context: unknown };
  /** Asked under the grant of the session. */
  readonly ask: (body: Body, session: ApiSession) => Promise<Answered<Answer> | Unanswered>;
}

export interface Answered<Answer> {
  readonly answer: Answer;
  readonly outcome: Pick<ModelAnswer, 'model' | 'score' | 'threshold' | 'decision'>;
}

export interface Unanswered {
  readonly fault: string;
}

type ModelAnswer = Extract<AuditEvent, { type: 'model.answer' }>;
type Outcome = Pick<ModelAnswer, 'model' | 'score' | 'threshold' | 'decision' | 'fault'>;

/** Questions under way at one time; each has its text in memory. */
const MOST_UNDERWAY = 64;

export function addModelRoute<Body, Answer>(
  server: FastifyInstance,
  { door, trail }: ModelDoor,
  route: ModelRoute<Body, Answer>,
): void {
  const { url, schema, model } = route;
  const holders = new WeakMap<FastifyRequest, Holder>();
  let underway = 0;

  server.post<{ Body: Body }>(url, {
    schema,
    // Before the body is read: it is nobody's yet.
    onRequest: async (request) => {
      holders.set(request, await door.prove(request.raw));
    },
    handler: async (request) => {
      if (underway >= MOST_UNDERWAY) throw notNow(`the ${model} model has too much to answer`);
      underway++;
      try {
        return await admitted(
          holders.get(request) as Holder,
          request.body as Body,
          request.protocol === 'https',
        );
      } finally {
        underway--;
      }
    },
  });

  async function admitted(holder: Holder, body: Body, tls: boolean): Promise<Answer> {
    if (!route.ready()) throw notNow(`there is no ${model} model to ask`);
    const session = await door.admit(holder, model);
    let answered = false;
    try {
      const { ref, application } = session;
      await keep({ type: 'model.request', ...route.question(body), application, tls, ...ref });
      const answer = await ask(session, body);
      answered = true;
      return answer;
    } finally {
      await session.leave(!answered);
    }
  }

  async function ask(session: ApiSession, body: Body): Promise<Answer> {
    const begun = performance.now();
    const end = (outcome: Outcome) =>
      keep(answerEvent(model, session.ref, performance.now() - begun, outcome));
    const reply = await route.ask(body, session);
    if ('fault' in reply) {
      await end({ ...NOTHING, fault: reply.fault });
      throw notNow(`the ${model} model has not answered`);
    }
    const ended = session.ended();
    if (ended !== null) {
      await end({ ...NOTHING, fault: ended.code });
      throw ended;
    }
    await end({ ...reply.outcome, fault: null });
    return reply.answer;
  }

  /** INVARIANT: in the trail before anything follows from it. */
  async function keep(event: AuditEvent): Promise<void> {
    trail.append(event);
    if (!(await trail.commit())) throw notNow('the audit trail cannot be written');
  }
}

const NOTHING = { model: null, score: null, threshold: null };

const answerEvent = (
  asked: ModelAnswer['asked'],
  ref: SessionRef,
  ms: number,
  outcome: Outcome,
): ModelAnswer => ({
  ...{ type: 'model.answer', asked },
  ...outcome,
  durationMs: Math.round(ms * 1000) / 1000,
  ...ref,
});
