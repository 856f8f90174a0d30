/** GET /v1/oidc/login and /v1/oidc/callback: browsers, by the identity provider. */
import { FLOW_LIFETIME } from '../../access/accounts/flow-store.ts';
import type { OidcConfig } from '../config-oidc.ts';
import { type ApiRoute, openRoute } from './api-route.ts';
import { routeOf } from './authenticator.ts';
import { cookieOf, dropCookie, giveCookie } from './cookies.ts';
import { beginLogin, type LoginParts } from './login-routes.ts';
import type { Claims, OidcClient } from './oidc-client.ts';
import { ClaimsError, principalOfClaims } from './oidc-principal.ts';
import { slowDown, unauthorized } from './refusal-book.ts';
import { notNow } from './refusals.ts';

export interface OidcParts extends LoginParts {
  readonly oidc: OidcConfig;
  readonly client: OidcClient;
  readonly warn: (message: string) => void;
}

export const PROVIDER_LOGIN = '/v1/oidc/login';
export const CALLBACK = '/v1/oidc/callback';

export function oidcRoutes(parts: OidcParts): readonly ApiRoute[] {
  const { principals, book, cookies, config, oidc, client, warn } = parts;

  const start = openRoute(
    {
      ...{ method: 'GET', url: PROVIDER_LOGIN, operationId: 'logInByProvider' },
      summary: 'Leads a browser to the identity provider.',
    },
    async ({ reply, caller: { address } }) => {
      const wait = await principals.request(`flows of ${address}`, config.requestsPerMinute);
      if (wait > 0) throw slowDown('too many logins are begun from there', wait);
      const { url, flow } = await client.begin().catch((fault: unknown) => {
        warn(`the identity provider can't be asked: ${messageOf(fault)}`);
        throw notNow("the identity provider can't be reached");
      });
      const secret = await principals.flows.begin(flow);
      const cookie = { value: secret, maxAge: FLOW_LIFETIME, crossSite: true };
      giveCookie(reply, cookies, cookies.flow, cookie);
      return reply.redirect(url, 303);
    },
  );

  const callback = openRoute(
    {
      ...{ method: 'GET', url: CALLBACK, operationId: 'returnFromProvider' },
      summary: 'Where the identity provider leads a browser back to, once for each login.',
    },
    async ({ request, reply, caller }) => {
      const call = { caller, route: routeOf(request), principal: null };
      const refuse = (why: string) =>
        book.refuse(call, 'oidc', unauthorized(`the login failed: ${why}`, AGAIN));
      const secret = cookieOf(request, cookies.flow);
      const flow = secret === undefined ? null : await principals.flows.take(secret);
      if (flow === null) throw await refuse('it was not begun in this browser, or took too long');
      dropCookie(reply, cookies, cookies.flow);
      const query = request.raw.url?.split('?')[1] ?? '';
      const claims = await client.finish(query, flow).catch((fault: unknown): Claims | string => {
        warn(`a login by the identity provider failed: ${messageOf(fault)}`);
        return 'the identity provider does not stand for it';
      });
      if (typeof claims === 'string') throw await refuse(claims);
      const principal = named(claims);
      if (principal instanceof ClaimsError) throw await refuse(principal.message);
      if ((await principals.accounts.get(principal.id)) !== null)
        throw await refuse(`${principal.id} is the name of a local account, or is disabled`);
      await beginLogin(parts, { request, reply, caller }, { via: 'oidc', principal }, principal);
      return reply.type('text/html; charset=utf-8').send(HOME);
    },
  );

  function named(claims: Claims) {
    try {
      return principalOfClaims(oidc, claims);
    } catch (fault) {
      if (fault instanceof ClaimsError) return fault;
      throw fault;
    }
  }

  return [start, callback];
}

/** A page and not a redirect: with one, the browser would count the next request as the provider's, and keep the cookie back. */
const HOME = '<!doctype html><meta http-equiv="refresh" content="0;url=/"><title>Postern</title>Logged in.';
const AGAIN = 'Begin again at /v1/oidc/login.';

const messageOf = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault));
