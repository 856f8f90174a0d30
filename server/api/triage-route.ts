/** POST /v1/triage: the model that reads requests for access. */
import type { FastifyInstance } from 'fastify';
import type { TriageHost } from '../triage/triage-host.ts';
import { answerLine, requestOfLine } from '../triage/triage-line.ts';
import { addModelRoute, type ModelDoor } from './model-route.ts';
import { TRIAGE_SCHEMA, type TriageAnswer, type TriageBody } from './triage-schema.ts';

export interface TriageRouteParts extends ModelDoor {
  readonly host: TriageHost;
}

export function addTriageRoute(server: FastifyInstance, { host, ...door }: TriageRouteParts): void {
  addModelRoute<TriageBody, TriageAnswer>(server, door, {
    url: '/v1/triage',
    schema: TRIAGE_SCHEMA,
    model: 'triage',
    ready: () => true,
    question: ({ text, requester, requested }) => ({
      ...{ asked: 'triage', text },
      context: { requester, requested },
    }),
    ask: async (body, { ref }) => {
      const answer = { ...answerLine(await host.triage(requestOfLine(body))), session: ref.session };
      const { model, risk_score: score, decision } = answer;
      return { answer, outcome: { model, score, threshold: null, decision } };
    },
  });
}
