/** A real OpenID Connect provider for one test file, whose login page lets in whoever it is told to. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

export interface Person {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

export interface IdentityProvider {
  readonly issuer: string;
  /** Whoever comes to the login page next, in each browser that has not logged in yet. */
  next: Person;
  close(): void;
}

export const CLIENT = { id: 'postern', secret: 'a secret of the client, long enough for it' } as const;

export async function startIdentityProvider(callback: string, first: Person): Promise<IdentityProvider> {
  let listener: RequestListener = (_request, response) => void response.end();
  const server = createServer((request, response) => listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const people = new Map<string, Person>();
  const running: IdentityProvider = {
    issuer,
    next: first,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [callback] }],
    claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'] },
    cookies: { keys: ['a key of the tests'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, id) => ({ accountId: id, claims: async () => people.get(id) ?? { sub: id } }),
    loadExistingGrant: async ({ oidc }) => {
      const grant = new provider.Grant({
        ...(oidc.client && { clientId: oidc.client.clientId }),
        ...(oidc.session?.accountId !== undefined && { accountId: oidc.session.accountId }),
      });
      grant.addOIDCScope('openid email');
      await grant.save();
      return grant;
    },
  });
  const routes = provider.callback();
  listener = (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void routes(request, response);
    const { next } = running;
    people.set(next.sub, next);
    void provider.interactionFinished(request, response, { login: { accountId: next.sub } });
  };
  return running;
}
