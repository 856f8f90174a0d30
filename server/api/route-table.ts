/** Puts routes on a server. INVARIANT: none is there that does not say who may call it. */
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { Principal } from '../../access/accounts/principal.ts';
import { HttpFault } from '../http-server.ts';
import type { ApiRoute } from './api-route.ts';
import type { Authenticator } from './authenticator.ts';
import { callerOf } from './caller.ts';
import { notNow } from './refusals.ts';

export interface RouteTableParts {
  readonly authenticator: Authenticator;
  /** Whether the grant store answers. */
  readonly reachable: () => Promise<boolean>;
}

export function addRoutes(
  server: FastifyInstance,
  routes: readonly ApiRoute[],
  { authenticator, reachable }: RouteTableParts,
): void {
  const principals = new WeakMap<FastifyRequest, Principal>();

  /** What fails without a store is not a fault of ours. */
  async function told<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (fault) {
      if (fault instanceof HttpFault || (await reachable())) throw fault;
      throw notNow('the grant store is out of reach');
    }
  }

  for (const { method, url, schema, access, handle } of routes)
    server.route({
      ...{ method, url, schema },
      // A HEAD would do all that a GET does, and throw it away: endless streams, too.
      exposeHeadRoute: false,
      // Before the body is read: it is nobody's yet.
      onRequest: async (request) => {
        if (access !== 'open')
          principals.set(request, await told(authenticator.authenticate(request, access)));
      },
      handler: async (request, reply) => {
        const raw = { request, reply, caller: callerOf(request.raw) };
        return await told(handle(raw, principals.get(request) ?? null));
      },
    });
}

/** For `onRoute`: refuses what OpenAPI would not show, and with it what nobody would think of when asking who may. */
export function requireDescription({ method, url, schema }: RouteOptions): void {
  const { operationId, security, hide } = (schema ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof operationId !== 'string' || !Array.isArray(security) || hide === true)
    throw new TypeError(`${method} ${url} does not say who may call it`);
}
