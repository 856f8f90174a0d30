/** The API's description for people, at /docs. It shows, and sends nothing. */
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

const FROM_HERE = [
  ...[
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
  ],
  ...["frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"],
].join('; ');

/** INVARIANT: `server` has the description by now. */
export async function addApiReference(server: FastifyInstance): Promise<void> {
  await server.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: FROM_HERE,
    theme: { title: 'Postern: HTTP API' },
    uiConfig: {
      ...{ layout: 'BaseLayout', docExpansion: 'list', deepLinking: true },
      ...{ supportedSubmitMethods: [], validatorUrl: null },
    },
  });
}
