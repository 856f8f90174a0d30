/** Who calls: proven by an API token, or by the cookie of a login. */
import type { FastifyRequest } from 'fastify';
import { principalOf } from '../../access/accounts/account-store.ts';
import { holderOf } from '../../access/accounts/api-token-store.ts';
import type { Login } from '../../access/accounts/login-store.ts';
import type { Principal } from '../../access/accounts/principal.ts';
import type { Principals } from '../../access/accounts/principals.ts';
import { TamperedRecordError } from '../../access/accounts/signed-records.ts';
import type { ApiConfig } from '../config-api.ts';
import type { HttpFault } from '../http-server.ts';
import type { RouteAccess } from './api-route.ts';
import { callerOf } from './caller.ts';
import { type CookieNames, cookieOf } from './cookies.ts';
import { forbidden, type RefusalBook, type RefusedCall, slowDown, unauthorized } from './refusal-book.ts';
import { CSRF_HEADER, forgedCause } from './same-origin.ts';

export interface AuthenticatorParts {
  readonly principals: Principals;
  readonly book: RefusalBook;
  readonly cookies: CookieNames;
  readonly config: Pick<ApiConfig, 'logins' | 'baseUrl' | 'requestsPerMinute'>;
}

type Proof =
  | { readonly kind: 'proven'; readonly principal: Principal }
  | {
      readonly kind: 'refused';
      readonly cause: string;
      readonly principal: string | null;
      readonly fault: HttpFault;
    };

/** RFC 6750 section 2.1. */
const BEARER = /^Bearer +(\S+)$/i;
const HOW =
  'POST /v1/login, or send "Authorization: Bearer TOKEN"; tokens are made by "postern token create".';

export class Authenticator {
  readonly #parts: AuthenticatorParts;

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
  }

  /** Rejects with an HttpFault. INVARIANT: who it is comes from the proof alone. */
  async authenticate(request: FastifyRequest, access: Exclude<RouteAccess, 'open'>): Promise<Principal> {
    const caller = callerOf(request.raw);
    const call = { caller, route: routeOf(request), principal: null };
    const proof = await this.#proof(request).catch(faultyProof);
    if (proof.kind === 'refused')
      throw await this.#refuse({ ...call, principal: proof.principal }, proof.cause, proof.fault);
    const { principal } = proof;
    const known = { ...call, principal: principal.id };
    const { requestsPerMinute } = this.#parts.config;
    const wait = await this.#parts.principals.request(`of ${principal.id}`, requestsPerMinute);
    if (wait > 0) throw await this.#refuse(known, 'paced', slowDown('you ask too often', wait));
    if (access !== 'principal' && !access.some((role) => principal.roles.includes(role)))
      throw await this.#refuse(known, 'role', notYours(access));
    return principal;
  }

  /** Whether they still are who they were when a request came that is being answered for long. */
  async stillStands(request: FastifyRequest, { id, roles, databases }: Principal): Promise<boolean> {
    const proof = await this.#proof(request, 'look').catch(faultyProof);
    if (proof.kind === 'refused') return false;
    const now = proof.principal;
    return JSON.stringify([now.id, now.roles, now.databases]) === JSON.stringify([id, roles, databases]);
  }

  /** `look`: does not count as a use of the login. */
  async #proof(request: FastifyRequest, how: 'use' | 'look' = 'use'): Promise<Proof> {
    const { headersDistinct } = request.raw;
    if (headersDistinct.authorization !== undefined)
      return await this.#byToken(headersDistinct.authorization);
    const secret = cookieOf(request, this.#parts.cookies.login);
    if (secret === undefined) throw unauthorized('the request shows no login and no token', HOW);
    return await this.#byCookie(request, secret, how);
  }

  async #byToken(given: readonly string[]): Promise<Proof> {
    const [, secret = ''] = (given.length === 1 ? BEARER.exec(given[0] as string) : null) ?? [];
    const { tokens, accounts } = this.#parts.principals;
    const finding = await tokens.find(secret);
    switch (finding.kind) {
      case 'unknown':
        return refused('unknown-token', null, 'the token is not one of Postern');
      case 'expired':
      case 'revoked':
        return refused(`${finding.kind}-token`, finding.token.principal, `the token is ${finding.kind}`);
      case 'live': {
        const { principal, actsFor } = finding.token;
        const off = await Promise.all(
          [principal, actsFor].map((id) => id !== null && isDisabled(accounts, id)),
        );
        return off.some(Boolean)
          ? refused('disabled', principal, 'whoever the token is for is disabled')
          : { kind: 'proven', principal: holderOf(finding.token) };
      }
      default:
        return finding satisfies never;
    }
  }

  async #byCookie(request: FastifyRequest, secret: string, how: 'use' | 'look'): Promise<Proof> {
    const { principals, config } = this.#parts;
    const { logins } = principals;
    const login = await (how === 'use' ? logins.find(secret, config.logins) : logins.look(secret));
    if (login === null) return refused('unknown-login', null, 'the login is over');
    const proof = await this.#ofLogin(login);
    const forged = proof.kind === 'proven' ? forgedCause(request, config.baseUrl) : null;
    if (proof.kind === 'refused' || forged === null) return proof;
    const fault = forbidden(
      `the request may not be yours: ${forged}`,
      `Send the header "${CSRF_HEADER}: 1".`,
    );
    return { kind: 'refused', cause: 'foreign-origin', principal: proof.principal.id, fault };
  }

  async #ofLogin({ source }: Login): Promise<Proof> {
    const { accounts } = this.#parts.principals;
    if (source.via === 'oidc') {
      const { principal } = source;
      // Also where somebody has made an account of that name: it may be another's.
      if ((await accounts.get(principal.id)) === null) return { kind: 'proven', principal };
      return refused('disabled', principal.id, 'the login is over');
    }
    const account = await accounts.get(source.principal);
    if (account === null || account.disabled || account.epoch !== source.epoch)
      return refused('disabled', source.principal, 'the login is over');
    return { kind: 'proven', principal: principalOf(account) };
  }

  async #refuse(call: RefusedCall, cause: string, fault: HttpFault): Promise<HttpFault> {
    return await this.#parts.book.refuse(call, cause, fault);
  }
}

export const routeOf = ({ method, routeOptions }: FastifyRequest): string =>
  `${method} ${routeOptions.url ?? '?'}`;

const refused = (cause: string, principal: string | null, message: string): Proof => ({
  kind: 'refused',
  cause,
  principal,
  fault: unauthorized(message, HOW),
});

const notYours = (roles: readonly string[]): HttpFault =>
  forbidden(
    `that takes the role ${roles.join(' or ')}`,
    'GET /v1/me tells what you have; an admin gives roles.',
  );

async function isDisabled(accounts: Principals['accounts'], id: string): Promise<boolean> {
  return (await accounts.get(id))?.disabled === true;
}

/** What is not what was signed proves nothing. */
function faultyProof(fault: unknown): Proof {
  if (fault instanceof TamperedRecordError) return refused('tampered', null, 'the login is over');
  throw fault;
}
