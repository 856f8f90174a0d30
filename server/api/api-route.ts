/** A route of the API as data: who may call it, what it takes, what it answers. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Principal, Role } from '../../access/accounts/principal.ts';
import { HttpFault } from '../http-server.ts';
import type { Caller } from './caller.ts';
import { jsonSchema, PROBLEMS } from './json-schema.ts';

/** Whoever has one of the roles; whoever is logged in; or anybody. */
export type RouteAccess = readonly Role[] | 'principal' | 'open';

interface Raw {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly caller: Caller;
}

export interface OpenCall<Body, Params, Query> extends Raw {
  readonly body: Body;
  readonly params: Params;
  readonly query: Query;
}

export interface ApiCall<Body, Params, Query> extends OpenCall<Body, Params, Query> {
  readonly principal: Principal;
}

interface Form<Body, Params, Query> {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: `/v1/${string}`;
  readonly operationId: string;
  readonly summary: string;
  readonly body?: z.ZodType<Body>;
  readonly params?: z.ZodType<Params>;
  readonly query?: z.ZodType<Query>;
  /** What it answers, as 200; absent: the handler sends something else. */
  readonly answer?: z.ZodType;
}

export interface ApiRoute extends Omit<Form<unknown, unknown, unknown>, 'body' | 'params' | 'query'> {
  readonly access: RouteAccess;
  readonly schema: Readonly<Record<string, unknown>>;
  /** `principal` null only where access is open. */
  handle(raw: Raw, principal: Principal | null): Promise<unknown>;
}

/** `access`: whose principal the handler is given. */
export function route<Body = undefined, Params = undefined, Query = undefined>(
  access: readonly Role[] | 'principal',
  form: Form<Body, Params, Query>,
  handle: (call: ApiCall<Body, Params, Query>) => Promise<unknown>,
): ApiRoute {
  return {
    ...form,
    access,
    schema: schemaOf(access, form),
    handle: async (raw, principal) => {
      if (principal === null) throw new TypeError(`${form.operationId} was reached without a login`);
      return handle({ ...raw, ...parsed(form, raw.request), principal });
    },
  };
}

export function openRoute<Body = undefined, Params = undefined, Query = undefined>(
  form: Form<Body, Params, Query>,
  handle: (call: OpenCall<Body, Params, Query>) => Promise<unknown>,
): ApiRoute {
  return {
    ...form,
    access: 'open',
    schema: schemaOf('open', form),
    handle: (raw) => handle({ ...raw, ...parsed(form, raw.request) }),
  };
}

function schemaOf<B, P, Q>(access: RouteAccess, form: Form<B, P, Q>): Record<string, unknown> {
  const { operationId, summary, url, body, params, query, answer } = form;
  return {
    operationId,
    summary,
    tags: [url.split('/')[2]],
    description: descriptionOf(access),
    security: access === 'open' ? [] : [{ token: [] }, { login: [] }],
    ...(body && { body: jsonSchema(body) }),
    ...(params && { params: jsonSchema(params) }),
    ...(query && { querystring: jsonSchema(query) }),
    response: { ...(answer && { 200: { description: 'Done.', ...jsonSchema(answer) } }), ...PROBLEMS },
  };
}

function descriptionOf(access: RouteAccess): string {
  if (access === 'open') return 'For anybody.';
  return access === 'principal' ? 'For whoever is logged in.' : `For the roles ${access.join(', ')}.`;
}

/** Checked by its JSON schema already; here by what such a schema can't say. Throws HttpFault. */
function parsed<B, P, Q>({ body, params, query }: Form<B, P, Q>, request: FastifyRequest) {
  return {
    body: part(body, request.body),
    params: part(params, request.params),
    query: part(query, request.query),
  };
}

function part<T>(schema: z.ZodType<T> | undefined, given: unknown): T {
  if (schema === undefined) return undefined as T;
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
  throw invalid(faults.join('; '));
}

export const invalid = (what: string): HttpFault =>
  new HttpFault(400, {
    code: 'invalid',
    message: `the request is not as it should be: ${what}`,
    hint: 'GET /v1/openapi.json describes it.',
  });

/** Also where it is somebody else's: whoever may not see it is not told that it is there. */
export const notFound = (what: string, id: string): HttpFault =>
  new HttpFault(404, {
    code: 'not-found',
    message: `there is no ${what} ${id} for you`,
    hint: 'Its id may be mistyped, or it is over.',
  });

/** Right in itself, and impossible as things are. */
export const conflict = (message: string): HttpFault =>
  new HttpFault(409, { code: 'conflict', message, hint: 'Look at how it is now.' });
