import type { FastifyRequest } from 'fastify';

/** What browsers need a script of our own origin for: none sends it across origins without asking first, and we never agree. */
export const CSRF_HEADER = 'postern-csrf';

/** Requests that change nothing (RFC 9110, section 9.2.1). */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Why a request may have been made by another site's page; null: it was not. `baseUrl` null: our origin is the one that
 * the request was sent to.
 */
export function foreignCause(request: FastifyRequest, baseUrl: string | null): string | null {
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return `it was made by a ${site} page`;
  if (origin === undefined) return null;
  const ours = baseUrl === null ? hostOf(origin) === host : origin === baseUrl;
  return ours ? null : 'it was made by a page of another origin';
}

/** The same for a request that a cookie alone proves. */
export function forgedCause(request: FastifyRequest, baseUrl: string | null): string | null {
  if (SAFE.has(request.method)) return null;
  if (request.headers[CSRF_HEADER] === undefined) return `it lacks the header ${CSRF_HEADER}`;
  return foreignCause(request, baseUrl);
}

const hostOf = (origin: string): string | null => (URL.canParse(origin) ? new URL(origin).host : null);
