/** Requests for access: asked, seen, decided, withdrawn. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Principal } from '../../access/accounts/principal.ts';
import type { AccessRequest } from '../../access/requests/access-request.ts';
import { concluded } from '../../access/requests/aftercare.ts';
import type { RequestStore } from '../../access/requests/request-store.ts';
import { approved, denied, withdrawn } from '../../access/requests/review-request.ts';
import { GRANT_ID, newGrantId } from '../../access/token.ts';
import type { Config } from '../config.ts';
import { type ApiRoute, invalid, notFound, route } from './api-route.ts';
import { asConflict } from './domain-faults.ts';
import { notNow } from './refusals.ts';
import type { RequestDesk } from './request-desk.ts';
import {
  approveBody,
  askAnswer,
  askBody,
  concludeBody,
  extendBody,
  reasonBody,
  requestAnswer,
  requestsAnswer,
  scopeOfTexts,
} from './request-schema.ts';
import { OVERSEERS, ownsRequest, reviewerOf, seesRequest as sees } from './visibility.ts';

export interface RequestRouteParts {
  readonly requests: RequestStore;
  readonly desk: RequestDesk;
  readonly config: Pick<Config, 'databases' | 'advertise' | 'tls'>;
}

/** ms between looks at a request that somebody waits for. */
const LOOK = 500;
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

export function requestRoutes({ requests, desk, config }: RequestRouteParts): readonly ApiRoute[] {
  let waiting = 0;

  /** Rejects with an HttpFault where there is none that they may see. */
  async function visible(principal: Principal, id: string): Promise<AccessRequest> {
    const request = await requests.get(id);
    if (request === null || !sees(principal, request)) throw notFound('request', id);
    return request;
  }

  async function change(
    principal: Principal,
    id: string,
    make: (request: AccessRequest) => AccessRequest,
  ): Promise<AccessRequest> {
    await visible(principal, id);
    const changed = await requests.change(id, principal.id, make).catch(asConflict);
    if (changed === null) throw notFound('request', id);
    return changed;
  }

  const ask = route(
    ['requester'],
    {
      ...{ method: 'POST', url: '/v1/requests', operationId: 'askAccess', body: askBody, answer: askAnswer },
      summary: 'Ask for access: granted at once if the policy says so, else after review.',
    },
    async ({ principal, caller, body: { allow, deny, ttl, ...rest } }) => {
      if (!Object.hasOwn(config.databases, rest.database) || !mayAsk(principal, rest.database))
        throw invalid(`database: there is no ${rest.database} for you`);
      const { limits, ...wish } = rest;
      const scope = allow === undefined && deny.length === 0 ? null : scopeOf(allow ?? [], deny);
      const terms = { scope, ttl: ttl ?? null, limits };
      const made = await desk.submit(principal, caller.address, { ...wish, terms }).catch(asConflict);
      const { host, port } = config.advertise;
      return { ...made, proxy: { host, port, tls: config.tls !== null } };
    },
  );

  const list = route(
    ['requester', ...OVERSEERS],
    {
      ...{ method: 'GET', url: '/v1/requests', operationId: 'listRequests', query: listQuery },
      answer: requestsAnswer,
      summary: 'Requests of the last 90 days: your own, or all for those who watch over them.',
    },
    async ({ principal, query: { state, since, toReview, limit } }) => {
      const { requests: all, tampered } = await requests.list({
        ...(state !== undefined && { state }),
        ...(since !== undefined && { since: Date.parse(since) }),
        ...(toReview !== undefined && { toReview: true }),
      });
      const wanted = all.filter((each) => sees(principal, each));
      const watches = OVERSEERS.some((role) => principal.roles.includes(role));
      return { requests: wanted.slice(0, Number(limit)), tampered: watches ? tampered : [] };
    },
  );

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
          const found = await visible(principal, id);
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

  const approve = route(
    ['reviewer'],
    {
      ...{ method: 'POST', url: '/v1/requests/:id/approve', operationId: 'approveRequest', params },
      ...{ body: approveBody, answer: requestAnswer },
      summary: 'Approve a request, or less than it asks. Never your own.',
    },
    async ({ principal, params: { id }, body: { comment, allow, deny, ttl } }) => {
      const now = Date.now();
      const scope = allow === undefined && deny.length === 0 ? undefined : scopeOf(allow ?? [], deny);
      return await change(principal, id, (found) => {
        const terms = found.state.kind === 'pending' ? found.state.terms : found.terms;
        const less = scope !== undefined || ttl !== undefined;
        const narrowed = less ? { scope: scope ?? terms.scope, ttl: ttl ?? terms.ttl } : null;
        return approved(found, reviewerOf(principal), { comment, narrowed, grant: newGrantId() }, now);
      });
    },
  );

  const deny = route(
    ['reviewer'],
    {
      ...{ method: 'POST', url: '/v1/requests/:id/deny', operationId: 'denyRequest', params },
      ...{ body: reasonBody, answer: requestAnswer },
      summary: 'Deny a request; the reason is shown to whoever asked. Never your own.',
    },
    async ({ principal, params: { id }, body: { reason } }) => {
      const now = Date.now();
      return await change(principal, id, (found) => denied(found, reviewerOf(principal), reason, now));
    },
  );

  const withdraw = route(
    ['requester'],
    {
      ...{ method: 'POST', url: '/v1/requests/:id/withdraw', operationId: 'withdrawRequest', params },
      answer: requestAnswer,
      summary: 'Take your request back.',
    },
    async ({ principal, params: { id } }) => {
      const now = Date.now();
      return await change(principal, id, (found) => withdrawn(found, principal.id, now));
    },
  );

  const extend = route(
    ['requester'],
    {
      ...{ method: 'POST', url: '/v1/requests/:id/extend', operationId: 'extendRequest', params },
      ...{ body: extendBody, answer: requestAnswer },
      summary: 'Ask for more time for the grant of your request: its token and its sessions live on.',
    },
    async ({ principal, caller, params: { id }, body }) => {
      await visible(principal, id);
      const made = await desk.extend(principal, caller.address, { ...body, id }).catch(asConflict);
      if (made === null) throw notFound('request', id);
      return made;
    },
  );

  const conclude = route(
    ['reviewer'],
    {
      ...{ method: 'POST', url: '/v1/requests/:id/conclude', operationId: 'concludeRequest', params },
      ...{ body: concludeBody, answer: requestAnswer },
      summary: 'Say of an emergency, afterwards, whether it was one. Never of your own.',
    },
    async ({ principal, params: { id }, body }) => {
      const now = Date.now();
      return await change(principal, id, (found) => concluded(found, reviewerOf(principal), body, now));
    },
  );

  return [ask, list, show, approve, deny, withdraw, extend, conclude];
}

const mayAsk = ({ databases }: Principal, database: string): boolean =>
  databases === null || databases.includes(database);

function scopeOf(allow: readonly string[], deny: readonly string[]) {
  try {
    return scopeOfTexts(allow, deny);
  } catch (fault) {
    return asConflict(fault);
  }
}
