/** GET /v1/openapi.json, OpenAPI 3.1: made from the routes themselves. */
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import packageJson from '../../package.json' with { type: 'json' };
import { WEBHOOKS } from '../events/webhook-document.ts';
import type { CookieNames } from './cookies.ts';

/** For the server that has the routes, before they are added. */
export function describeRoutes(server: FastifyInstance, { login }: Pick<CookieNames, 'login'>): void {
  server.register(swagger, {
    // The console's pages are no part of the API.
    transform: ({ schema, url }) => ({ url, schema: url.startsWith('/v1/') ? schema : { hide: true } }),
    openapi: {
      openapi: '3.1.0',
      webhooks: WEBHOOKS,
      info: {
        title: 'Postern',
        description:
          'Just-in-time access to PostgreSQL: requests, approvals, grants, sessions; and the models.',
        version: packageJson.version,
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'An API token of a service or an agent.' },
          login: {
            type: 'apiKey',
            in: 'cookie',
            name: login,
            description:
              'The login of a browser. What changes something also needs the header postern-csrf: 1.',
          },
          grant: {
            type: 'http',
            scheme: 'bearer',
            description: 'GRANT.TOKEN: the user and the password of a grant, joined by a dot.',
          },
        },
      },
    },
  });
}

export function addDescription(server: FastifyInstance): void {
  const schema = { operationId: 'describe', summary: 'This description.', security: [] };
  server.get('/v1/openapi.json', { schema }, () => server.swagger());
}
