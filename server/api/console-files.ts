/** The console (review/console/), as `npm run build` has made it: a page for all of its addresses, and what that loads. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { HttpFault } from '../http-server.ts';

export interface ConsoleOptions {
  /** Where a browser begins a login by the identity provider; null: there is none. */
  readonly providerLogin: string | null;
  readonly warn: (message: string) => void;
}

const BUILT = join(import.meta.dirname, '../../dist/console');
const BUILD = 'npm run build';
/** Addresses of the console's own; what is behind them, too. */
const PAGES = [
  'sign-in',
  'bootstrap',
  'sessions',
  'overview',
  'requests',
  'flags',
  'grants',
  'trail',
] as const;
/** Names of assets have the hash of their content. */
const FOREVER = 'public, max-age=31536000, immutable';

/** Scripts, styles and answers of this server, and nothing from anywhere else. Nothing inline; no framing. */
const FROM_HERE = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    fontSrc: ["'self'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
  },
};

/** Where nothing is built, pages say what to do, and so does `warn`. INVARIANT: `server` has helmet by now. */
export async function addConsole(
  server: FastifyInstance,
  { providerLogin, warn }: ConsoleOptions,
): Promise<void> {
  const page = readPage(providerLogin);
  if (page === null) warn(`the console is not built: ${BUILD}`);
  else await server.register(addAssets);
  for (const url of ['/', ...PAGES.flatMap((name) => [`/${name}`, `/${name}/*`])])
    server.get(url, { helmet: { contentSecurityPolicy: FROM_HERE } }, async (_request, reply) => {
      if (page === null) throw NOT_BUILT;
      return reply.type('text/html; charset=utf-8').send(page);
    });
}

async function addAssets(server: FastifyInstance): Promise<void> {
  server.addHook('onSend', async (_request, reply, payload) => {
    if (reply.statusCode < 400) reply.header('cache-control', FOREVER);
    return payload;
  });
  await server.register(fastifyStatic, {
    root: join(BUILT, 'assets'),
    prefix: '/assets/',
    index: false,
    wildcard: false,
    preCompressed: true,
    cacheControl: false,
    decorateReply: false,
  });
}

/** null: it is not built. */
function readPage(providerLogin: string | null): string | null {
  const file = join(BUILT, 'index.html');
  if (!existsSync(file)) return null;
  const page = readFileSync(file, 'utf8');
  const note = `<meta name="postern-oidc" content="${providerLogin}" />`;
  return providerLogin === null ? page : page.replace('</head>', `${note}</head>`);
}

const NOT_BUILT = new HttpFault(503, {
  code: 'not-built',
  message: 'the console is not built',
  hint: `Whoever runs Postern builds it by: ${BUILD}`,
});
