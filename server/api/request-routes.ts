/** Requests for access: seen, and waited for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Principal } from '../../access/accounts/principal.ts';
import type { AccessRequest } from '../../access/requests/access-request.ts';
import { reviewDue } from '../../access/requests/aftercare.ts';
import type { RequestList, RequestStore } from '../../access/requests/request-store.ts';
import { GRANT_ID } from '../../access/token.ts';
import { type ApiRoute, route } from './api-route.ts';
import { keepPace, type Pace } from './pace.ts';
import { notNow } from './refusals.ts';
import { requestAnswer, requestsAnswer } from './request-schema.ts';
import { OVERSEERS, ownsRequest, seesRequest } from './visibility.ts';
import type { VisibleRequests } from './visible-requests.ts';

export interface RequestRouteParts {
  readonly requests: RequestStore;
  readonly visible: VisibleRequests;
  readonly pace: Pace;
}

/** ms between looks at a request that somebody waits for. */
const LOOK = 500;
/** Each reads many. */
const SHARE_OF_LISTING = 1 / 10;
/** Without `since`, the newest of which a list is. */
const MOST_LISTED = 1_000;
/** Requests that are waited for at one time. */
const MOST_WAITING = 200;

const params = z.strictObject({ id: z.string().regex(GRANT_ID) });
const listQuery = z.strictObject({
  state: z.enum(['pending', 'approved', 'denied', 'withdrawn', 'expired']).optional(),
  since: z.iso.datetime().optional().describe('Asked at this time or later.'),
  toReview: z.literal('true').optional().describe('Emergencies that nobody has reviewed yet.'),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$/)
    .default('100')
    .describe('At most this many, up to 999.'),
});
const waitQuery = z.strictObject({
  wait: z
    .string()
    .regex(/^([0-9]|[1-5][0-9]|60)$/)
    .default('0')
    .describe('Seconds, up to 60, to wait for a decision while it is pending.'),
});

export function requestRoutes({ requests, visible, pace }: RequestRouteParts): readonly ApiRoute[] {
  let waiting = 0;

  const list = route(
    ['requester', ...OVERSEERS],
    {
      ...{ method: 'GET', url: '/v1/requests', operationId: 'listRequests', query: listQuery },
      answer: requestsAnswer,
      summary:
        'The newest requests, of the last 90 days with since: your own, or all for those who watch over them.',
    },
    async ({ principal, query: { state, since, toReview, limit } }) => {
      await keepPace(pace, `lists of ${principal.id}`, SHARE_OF_LISTING);
      const from = since === undefined ? null : Date.parse(since);
      const stillOpen = state === 'pending' || toReview !== undefined;
      const { requests: all, tampered } = await (stillOpen ? requests.open() : lately(from));
      const wanted = all
        .filter((each) => seesRequest(principal, each) && (state ?? each.state.kind) === each.state.kind)
        .filter((each) => toReview === undefined || reviewDue(each) !== null)
        .filter((each) => from === null || Date.parse(each.askedAt) >= from)
        .toSorted((one, other) => other.askedAt.localeCompare(one.askedAt));
      const watches = OVERSEERS.some((role) => principal.roles.includes(role));
      return { requests: wanted.slice(0, Number(limit)), tampered: watches ? tampered : [] };
    },
  );

  const lately = (from: number | null): Promise<RequestList> =>
    from === null ? requests.latest(MOST_LISTED) : requests.list({ since: from });

  const show = route(
    ['requester', ...OVERSEERS],
    {
      ...{ method: 'GET', url: '/v1/requests/:id', operationId: 'getRequest', params, query: waitQuery },
      answer: requestAnswer,
      summary: 'One request, as it is now or as soon as it is decided.',
    },
    async ({ principal, request, params: { id }, query }) => {
      const until = performance.now() + Number(query.wait) * 1000;
      if (Number(query.wait) > 0 && waiting >= MOST_WAITING) throw notNow('too many wait for requests');
      waiting++;
      try {
        for (;;) {
          const found = await visible.get(principal, id);
          const over = performance.now() >= until || request.raw.socket.destroyed;
          if (found.state.kind !== 'pending' || over) return await fulfilled(principal, found);
          await sleep(Math.min(LOOK, until - performance.now()));
        }
      } finally {
        waiting--;
      }
    },
  );

  /** Whoever asked finds the grant made, also if whoever approved it was cut off before that. */
  const fulfilled = async (principal: Principal, found: AccessRequest): Promise<AccessRequest> =>
    ownsRequest(principal, found) ? ((await requests.getFulfilled(found.id)) ?? found) : found;

  return [list, show];
}
