import type { FastifyReply, FastifyRequest } from 'fastify';

/** Cookies of one node's API. */
export interface CookieNames {
  readonly secure: boolean;
  readonly login: string;
  readonly flow: string;
  readonly mark: string;
}

/** `__Host-`: nobody else's host, and nothing without TLS, can set them (RFC 6265bis, section 4.1.3.2). */
export function cookieNames(secure: boolean): CookieNames {
  const prefix = secure ? '__Host-' : '';
  return {
    secure,
    login: `${prefix}postern`,
    flow: `${prefix}postern-flow`,
    mark: `${prefix}postern-mark`,
  };
}

/** `maxAge` in ms; `crossSite`: it comes along when another site leads back here. */
export function giveCookie(
  reply: FastifyReply,
  { secure }: CookieNames,
  name: string,
  { value, maxAge, crossSite = false }: { value: string; maxAge: number; crossSite?: boolean },
): void {
  reply.setCookie(name, value, {
    path: '/',
    httpOnly: true,
    secure,
    sameSite: crossSite ? 'lax' : 'strict',
    maxAge: Math.floor(maxAge / 1000),
  });
}

export function dropCookie(reply: FastifyReply, { secure }: CookieNames, name: string): void {
  reply.setCookie(name, '', { path: '/', httpOnly: true, secure, sameSite: 'strict', maxAge: 0 });
}

/** The value, of which nothing is known. */
export const cookieOf = (request: FastifyRequest, name: string): string | undefined => request.cookies[name];
