/** Requests for access, as requesters make them: asked, extended, withdrawn. */
import { z } from 'zod';
import type { Principal } from '../../access/accounts/principal.ts';
import { withdrawn } from '../../access/requests/review-request.ts';
import { GRANT_ID } from '../../access/token.ts';
import type { Config } from '../config.ts';
import { type ApiRoute, invalid, notFound, route } from './api-route.ts';
import { asConflict } from './domain-faults.ts';
import { keepPace, type Pace } from './pace.ts';
import type { RequestDesk } from './request-desk.ts';
import { askAnswer, askBody, extendBody, requestAnswer, scopeWished } from './request-schema.ts';
import type { VisibleRequests } from './visible-requests.ts';

export interface AskingParts {
  readonly visible: VisibleRequests;
  readonly desk: RequestDesk;
  readonly pace: Pace;
  readonly config: Pick<Config, 'databases' | 'advertise' | 'tls'>;
}

/** Each is kept for 90 days. */
const SHARE_OF_ASKING = 1 / 20;

const params = z.strictObject({ id: z.string().regex(GRANT_ID) });

export function askingRoutes({ visible, desk, pace, config }: AskingParts): readonly ApiRoute[] {
  const ask = route(
    ['requester'],
    {
      ...{ method: 'POST', url: '/v1/requests', operationId: 'askAccess', body: askBody, answer: askAnswer },
      summary: 'Ask for access: granted at once if the policy says so, else after review.',
    },
    async ({ principal, caller, body: { allow, deny, ttl, ...rest } }) => {
      if (!Object.hasOwn(config.databases, rest.database) || !mayAsk(principal, rest.database))
        throw invalid(`database: there is no ${rest.database} for you`);
      await keepPace(pace, `asks of ${principal.id}`, SHARE_OF_ASKING);
      const { limits, ...wish } = rest;
      const scope = scopeWished({ allow, deny });
      const terms = { scope, ttl: ttl ?? null, limits };
      const made = await desk.submit(principal, caller.address, { ...wish, terms }).catch(asConflict);
      const { host, port } = config.advertise;
      return { ...made, proxy: { host, port, tls: config.tls !== null } };
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
      await visible.get(principal, id);
      await keepPace(pace, `asks of ${principal.id}`, SHARE_OF_ASKING);
      const made = await desk.extend(principal, caller.address, { ...body, id }).catch(asConflict);
      if (made === null) throw notFound('request', id);
      return made;
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
      return await visible.change(principal, id, (found) => withdrawn(found, principal.id, now));
    },
  );

  return [ask, extend, withdraw];
}

const mayAsk = ({ databases }: Principal, database: string): boolean =>
  databases === null || databases.includes(database);
