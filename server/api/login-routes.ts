/** POST /v1/login and /v1/logout: browsers, by password. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { principalOf } from '../../access/accounts/account-store.ts';
import type { LoginSource } from '../../access/accounts/login-store.ts';
import { MAX_PASSWORD } from '../../access/accounts/password.ts';
import type { Principal } from '../../access/accounts/principal.ts';
import type { Principals } from '../../access/accounts/principals.ts';
import type { RecordEvent } from '../../access/grant-store.ts';
import type { ApiConfig } from '../config-api.ts';
import { type ApiRoute, openRoute, route } from './api-route.ts';
import { routeOf } from './authenticator.ts';
import { type Caller, clientOf } from './caller.ts';
import { type CookieNames, cookieOf, dropCookie, giveCookie } from './cookies.ts';
import type { PasswordDoor } from './password-door.ts';
import { principalAnswer, shownPrincipal } from './principal-schema.ts';
import { forbidden, type RefusalBook } from './refusal-book.ts';
import { foreignCause } from './same-origin.ts';

export interface LoginParts {
  readonly principals: Principals;
  readonly book: RefusalBook;
  readonly passwords: PasswordDoor;
  readonly cookies: CookieNames;
  readonly config: Pick<ApiConfig, 'logins' | 'baseUrl' | 'requestsPerMinute'>;
  readonly record: RecordEvent;
}

/** ms that a browser is known again. */
const MARK_LIFETIME = 180 * 24 * 60 * 60 * 1000;

const body = z.strictObject({
  account: z.string().min(1).max(128),
  password: z.string().min(1).max(MAX_PASSWORD),
});

const answer = z.object({
  principal: principalAnswer,
  expiresAt: z.string().describe('The latest. ISO 8601.'),
});

export function loginRoutes(parts: LoginParts): readonly ApiRoute[] {
  const { principals, book, passwords, cookies, config } = parts;

  const login = openRoute(
    {
      ...{ method: 'POST', url: '/v1/login', operationId: 'logIn', body, answer },
      summary: 'Log in with the password of a local account, and get a cookie.',
    },
    async ({ request, reply, caller, body: { account: id, password } }) => {
      const call = { caller, route: routeOf(request), principal: null };
      const foreign = foreignCause(request, config.baseUrl);
      if (foreign !== null) throw await book.refuse(call, 'foreign-origin', notFromThere(foreign));
      const shown = { account: id, password, mark: cookieOf(request, cookies.mark) };
      const { account, mark } = await passwords.check(call, shown);
      giveCookie(reply, cookies, cookies.mark, { value: mark, maxAge: MARK_LIFETIME });
      const source = { via: 'password', principal: id, epoch: account.epoch } as const;
      return await beginLogin(parts, { request, reply, caller }, source, principalOf(account));
    },
  );

  const logout = route(
    'principal',
    {
      ...{ method: 'POST', url: '/v1/logout', operationId: 'logOut', answer: z.object({}) },
      summary: 'End the login of the cookie.',
    },
    async ({ request, reply, caller, principal }) => {
      const secret = cookieOf(request, cookies.login);
      if (secret !== undefined) await principals.logins.end(secret);
      dropCookie(reply, cookies, cookies.login);
      await parts.record({ type: 'api.logout', principal: principal.id, client: clientOf(caller) });
      return {};
    },
  );

  return [login, logout];
}

/** A cookie with a new secret, whatever the browser had before; in the trail before that. */
export async function beginLogin(
  { principals, cookies, config, record }: LoginParts,
  { request, reply, caller }: { request: FastifyRequest; reply: FastifyReply; caller: Caller },
  source: LoginSource,
  principal: Principal,
): Promise<z.infer<typeof answer>> {
  const before = cookieOf(request, cookies.login);
  if (before !== undefined) await principals.logins.end(before);
  const { id } = principal;
  const { application } = caller;
  await record({ type: 'api.login', principal: id, via: source.via, client: clientOf(caller), application });
  const { secret, login } = await principals.logins.begin(source, config.logins);
  giveCookie(reply, cookies, cookies.login, { value: secret, maxAge: config.logins.absolute });
  return { principal: shownPrincipal(principal), expiresAt: login.expiresAt };
}

const notFromThere = (why: string) =>
  forbidden(`the login may not be yours: ${why}`, "Log in from Postern's own address.");
