/** The console (review/console/), as `npm run build` has made it: a page for all of its addresses, and what that loads. */
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { HttpFault } from '../http-server.ts';
import { type ConsoleBuild, readBuild } from './console-build.ts';

export interface ConsoleOptions {
  /** Where a browser begins a login by the identity provider; null: there is none. */
  readonly providerLogin: string | null;
  readonly warn: (message: string) => void;
  /** Where it was built; default: where `npm run build` does. */
  readonly directory?: string;
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
  'accounts',
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
  { providerLogin, warn, directory = BUILT }: ConsoleOptions,
): Promise<void> {
  const build = readBuild(directory);
  if (build === null) warn(`the console is not built: ${BUILD}`);
  else await server.register(async (assets) => addAssets(assets, build.assets));
  const page = build && withNotes(build, providerLogin);
  for (const url of ['/', ...PAGES.flatMap((name) => [`/${name}`, `/${name}/*`])])
    server.get(url, { helmet: { contentSecurityPolicy: FROM_HERE } }, async (_request, reply) => {
      if (page === null) throw NOT_BUILT;
      return reply.type('text/html; charset=utf-8').send(page);
    });
}

function addAssets(server: FastifyInstance, assets: ConsoleBuild['assets']): void {
  server.addHook('onSend', async (_request, reply, payload) => {
    if (reply.statusCode < 400) reply.header('cache-control', FOREVER);
    return payload;
  });
  server.get<{ Params: { name: string } }>('/assets/:name', async (request, reply) => {
    const asset = assets.get(request.params.name);
    if (asset === undefined) return reply.callNotFound();
    const accepted = (request.headers['accept-encoding'] ?? '').split(',').map((each) => each.trim());
    const [encoding, content] = asset.encoded.find(([name]) => accepted.includes(name)) ?? [
      null,
      asset.content,
    ];
    if (encoding !== null) reply.header('content-encoding', encoding);
    return reply.type(asset.type).header('vary', 'accept-encoding').send(content);
  });
}

/** What a page is to know of its server, for `document.querySelector`. */
function withNotes({ page, version }: ConsoleBuild, providerLogin: string | null): string {
  const notes = [
    `<meta name="postern-build" content="${version}" />`,
    ...(providerLogin === null ? [] : [`<meta name="postern-oidc" content="${providerLogin}" />`]),
  ];
  return page.replace('</head>', `${notes.join('')}</head>`);
}

const NOT_BUILT = new HttpFault(503, {
  code: 'not-built',
  message: 'the console is not built',
  hint: `Whoever runs Postern builds it by: ${BUILD}`,
});
