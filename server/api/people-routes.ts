/** All that people, services and agents do by HTTP: wired from its parts. */
import type { AccessHandle } from '../../access/access.ts';
import type { Principals } from '../../access/accounts/principals.ts';
import type { RecordEvent } from '../../access/grant-store.ts';
import type { Policy } from '../../access/policy/policy.ts';
import type { TrailSource } from '../../audit/trail-source.ts';
import type { AuditTrail } from '../../proxy/ports.ts';
import type { Config } from '../config.ts';
import type { ApiConfig } from '../config-api.ts';
import type { LatencyBook } from '../latency-book.ts';
import { LiveHub } from '../live/live-hub.ts';
import { LiveSessions } from '../live/live-sessions.ts';
import { accountRoutes } from './account-routes.ts';
import { alarmRoutes } from './alarm-routes.ts';
import type { ApiRoute } from './api-route.ts';
import { askingRoutes } from './asking-routes.ts';
import { Authenticator } from './authenticator.ts';
import { bootstrapRoutes } from './bootstrap-routes.ts';
import { type BriefingParts, briefingRoutes } from './briefing-routes.ts';
import { type CookieNames, cookieNames } from './cookies.ts';
import { Cursors } from './cursors.ts';
import { EventOwners } from './event-owners.ts';
import { eventRoutes } from './event-routes.ts';
import { grantRoutes } from './grant-routes.ts';
import { holdRoutes } from './hold-routes.ts';
import { loginRoutes } from './login-routes.ts';
import { meRoutes } from './me-routes.ts';
import { OidcClient } from './oidc-client.ts';
import { CALLBACK, oidcRoutes } from './oidc-routes.ts';
import { overviewRoutes } from './overview-routes.ts';
import type { Pace } from './pace.ts';
import { PasswordDoor } from './password-door.ts';
import { RefusalBook } from './refusal-book.ts';
import { type DeskParts, RequestDesk } from './request-desk.ts';
import { requestRoutes } from './request-routes.ts';
import { reviewRoutes } from './review-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { ShownSessions } from './shown-sessions.ts';
import { streamRoutes } from './stream-routes.ts';
import { tokenRoutes } from './token-routes.ts';
import { type TrailRouteParts, trailRoutes } from './trail-routes.ts';
import { VisibleRequests } from './visible-requests.ts';

export interface PeopleParts {
  readonly config: Config;
  readonly api: ApiConfig;
  readonly handle: Pick<AccessHandle, 'requests' | 'store' | 'registry' | 'holds' | 'habits' | 'verdicts'>;
  readonly principals: Principals;
  readonly policy: { readonly current: Policy };
  readonly triage: DeskParts['triage'];
  readonly relations: BriefingParts['relations'];
  readonly trail: AuditTrail;
  /** Where the trail is read. */
  readonly source: TrailSource;
  readonly check: TrailRouteParts['check'];
  readonly storeState: TrailRouteParts['store'];
  readonly latencies: LatencyBook;
  /** Resolves when it is in the trail. */
  readonly record: RecordEvent;
  readonly refused: (cause: string) => void;
  readonly warn: (message: string) => void;
}

/** Of the requests that one principal may make, as many may be refused to one address, and told to the trail. */
const REFUSED_SHARE = 1 / 5;

export function peopleRoutes(parts: PeopleParts): {
  readonly routes: readonly ApiRoute[];
  readonly authenticator: Authenticator;
  readonly cookies: CookieNames;
  readonly hub: LiveHub;
} {
  const { config, api, handle, principals, policy, triage, relations, record, warn } = parts;
  const pace: Pace = (what, share) => principals.request(what, Math.max(1, api.requestsPerMinute * share));
  const book = new RefusalBook({
    ...parts,
    pace: (address) => pace(`refused to ${address}`, REFUSED_SHARE),
  });
  const cookies = cookieNames(config.tls !== null || api.baseUrl?.startsWith('https:') === true);
  const passwords = new PasswordDoor(principals, book);
  const login = { principals, book, passwords, cookies, config: api, record };
  const { requests, store, holds } = handle;
  const desk = new RequestDesk({ requests, store, policy, triage, config: api });
  const visible = new VisibleRequests(requests);
  const review = { ...handle, source: parts.source, cursors: new Cursors(config.signingKey), record, pace };
  const shown = new ShownSessions(review);
  const sessions = new LiveSessions({ registry: handle.registry, shown });
  const hub = new LiveHub({ source: parts.source, sessions, warn });
  const authenticator = new Authenticator({ principals, book, cookies, config: api });
  const { oidc, baseUrl } = api;
  const routes = [
    ...loginRoutes(login),
    ...(oidc === null
      ? []
      : oidcRoutes({ ...login, oidc, warn, client: new OidcClient(oidc, `${baseUrl}${CALLBACK}`) })),
    ...bootstrapRoutes({ ...login, pace }),
    ...meRoutes({ ...login, policy }),
    ...askingRoutes({ visible, desk, pace, config }),
    ...requestRoutes({ requests, visible, pace }),
    ...reviewRoutes(visible),
    ...briefingRoutes({ requests, relations, policy, spool: config.audit.spool, pace }),
    ...holdRoutes(holds),
    ...grantRoutes(handle),
    ...sessionRoutes({ ...review, shown }),
    ...eventRoutes(review),
    ...alarmRoutes(review),
    ...overviewRoutes({ ...review, latencies: parts.latencies }),
    ...trailRoutes({
      ...{ config, trail: parts.trail, check: parts.check, store: parts.storeState, pace },
      knownSince: () => parts.source.knownSince(),
    }),
    ...streamRoutes({ hub, sessions, owners: new EventOwners(review), authenticator }),
    ...accountRoutes(principals.accounts),
    ...tokenRoutes(principals),
  ];
  return { routes, authenticator, cookies, hub };
}
