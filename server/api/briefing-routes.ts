/** What somebody who decides on a request should know besides the request. */
import { z } from 'zod';
import type { Policy } from '../../access/policy/policy.ts';
import type { RequestStore } from '../../access/requests/request-store.ts';
import { GRANT_ID } from '../../access/token.ts';
import type { KnownRelations } from '../triage/known-relations.ts';
import { reviewOf } from '../triage/request-review.ts';
import { type ApiRoute, notFound, route } from './api-route.ts';
import { keepPace, type Pace } from './pace.ts';
import { notNow } from './refusals.ts';
import { requestAnswer } from './request-schema.ts';
import { OVERSEERS, seesRequest } from './visibility.ts';

export interface BriefingParts {
  readonly requests: RequestStore;
  readonly relations: Pick<KnownRelations, 'of'>;
  readonly policy: { readonly current: Policy };
  /** Directory of the audit spool. */
  readonly spool: string;
  readonly pace: Pace;
}

/** Each reads the trail of the node for a while. */
const MOST_UNDERWAY = 2;
const SHARE_OF_BRIEFINGS = 1 / 20;

const params = z.strictObject({ id: z.string().regex(GRANT_ID) });

const answer = z.looseObject({
  beyondNeed: z
    .array(z.string())
    .nullable()
    .describe(
      'What is asked beyond what the reason needs, as action:pattern; null: the reason does not tell.',
    ),
  reach: z
    .array(z.looseObject({ schema: z.string(), name: z.string(), rows: z.number().nullable() }))
    .nullable()
    .describe(
      'The relations that the scope comes to, with estimates of their rows; null: the database can not be asked.',
    ),
  similar: z
    .array(z.looseObject({ request: requestAnswer, own: z.boolean() }))
    .describe('Earlier requests of the same person or team, and how their grants went.'),
});

export function briefingRoutes({
  requests,
  relations,
  policy,
  spool,
  pace,
}: BriefingParts): readonly ApiRoute[] {
  let underway = 0;
  const briefing = route(
    OVERSEERS,
    {
      ...{ method: 'GET', url: '/v1/requests/:id/briefing', operationId: 'getBriefing', params, answer },
      summary: 'What somebody who decides on a request should know besides it.',
    },
    async ({ principal, params: { id } }) => {
      const request = await requests.get(id);
      if (request === null || !seesRequest(principal, request)) throw notFound('request', id);
      await keepPace(pace, `briefings of ${principal.id}`, SHARE_OF_BRIEFINGS);
      if (underway >= MOST_UNDERWAY) throw notNow('too many requests are being looked into');
      underway++;
      try {
        const { dataClasses } = policy.current;
        const found = await reviewOf(request, { relations, requests, dataClasses, spool });
        const similar = found.similar.filter((past) => seesRequest(principal, past.request));
        return { ...found, similar };
      } finally {
        underway--;
      }
    },
  );
  return [briefing];
}
