/** Requests for access: asked, seen, decided, withdrawn. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Principal } from '../../access/accounts/principal.ts';
import type { AccessRequest, Reviewer } from '../../access/requests/access-request.ts';
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
  reasonBody,
  requestAnswer,
  requestsAnswer,
  scopeOfTexts,
} from './request-schema.ts';
import { mayTouch, ownsRequest } from './visibility.ts';

export interface RequestRouteParts {
  readonly requests: RequestStore;
  readonly desk: RequestDesk;
  readonly config: Pick<Config, 'databases' | 'advertise' | 'tls'>;
}

const OVERSEERS = ['reviewer', 'auditor', 'admin'] as const;
/** ms between looks at a request that somebody waits for. */
const LOOK = 500;
/** Requests that are waited for at one time. */
const MOST_WAITING = 200;

const params = z.strictObject({ id: z.string().regex(GRANT_ID) });
const listQuery = z.strictObject({
  state: z.enum(['pending', 'approved', 'denied', 'withdrawn', 'expired']).optional(),
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
      const scope = allow === undefined ? null : scopeOf(allow, deny);
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
    async ({ principal, query: { state, limit } }) => {
      const { requests: all, tampered } = await requests.list();
      const wanted = all.filter(
        (each) => sees(principal, each) && (state ?? each.state.kind) === each.state.kind,
      );
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
      const scope = allow && scopeOf(allow, deny);
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

  return [ask, list, show, approve, deny, withdraw];
}

const sees = (principal: Principal, request: AccessRequest): boolean =>
  mayTouch(principal, request, { owns: ownsRequest(principal, request), roles: OVERSEERS });

const mayAsk = ({ databases }: Principal, database: string): boolean =>
  databases === null || databases.includes(database);

/** What a token does is done by whoever it works for, or who made it. */
function reviewerOf({ id, groups, actsFor, madeBy }: Principal): Reviewer {
  const behind = actsFor ?? madeBy;
  return { id, groups, ...(behind !== null && { actsFor: behind }) };
}

function scopeOf(allow: readonly string[], deny: readonly string[]) {
  try {
    return scopeOfTexts(allow, deny);
  } catch (fault) {
    return asConflict(fault);
  }
}
