/** The console's files, as one build has them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import helmet from '@fastify/helmet';
import test, { type ExecutionContext } from 'ava';
import { addConsole } from '../../../server/api/console-files.ts';
import { createHttpServer } from '../../../server/http-server.ts';

const PAGE = '<html><head></head><body></body></html>';

function build(directory: string, name: string): void {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(join(directory, 'assets'), { recursive: true });
  writeFileSync(join(directory, 'index.html'), PAGE.replace('<body>', `<body>${name}`));
  writeFileSync(join(directory, 'sources'), name.repeat(32));
  const script = join(directory, 'assets', `main-${name}.js`);
  writeFileSync(script, `told('${name}')`);
  writeFileSync(`${script}.br`, brotliCompressSync(`told('${name}')`));
  writeFileSync(join(directory, 'secret.txt'), 'secret');
}

async function serving(t: ExecutionContext, providerLogin: string | null = null) {
  const directory = mkdtempSync(join(tmpdir(), 'postern-console-'));
  build(directory, 'a');
  const server = createHttpServer({ tls: null, arrival: 1_000, failed: (fault) => t.fail(fault.message) });
  t.teardown(async () => {
    await server.close();
    rmSync(directory, { recursive: true });
  });
  await server.register(helmet);
  await server.register((console) =>
    addConsole(console, { providerLogin, directory, warn: (message) => t.fail(message) }),
  );
  return { directory, server };
}

test('another build under a running server leaves it with all of its own', async (t) => {
  const { directory, server } = await serving(t);
  build(directory, 'b');
  const page = await server.inject('/sessions/1');
  t.regex(page.body, /<meta name="postern-build" content="aaaaaaaaaaaaaaaa" \/>.*<body>a/);
  t.is(page.headers['cache-control'], 'no-store');
  const asset = await server.inject('/assets/main-a.js');
  t.is(asset.body, "told('a')");
  t.is(asset.headers['content-type'], 'application/javascript; charset=utf-8');
  t.regex(String(asset.headers['cache-control']), /immutable/);
  const gone = await server.inject('/assets/main-b.js');
  t.is(gone.statusCode, 404);
  t.is(gone.headers['cache-control'], 'no-store');
});

test('assets come as a browser takes them', async (t) => {
  const { server } = await serving(t);
  const ask = (encodings: string) =>
    server.inject({ url: '/assets/main-a.js', headers: { 'accept-encoding': encodings } });
  const short = await ask('gzip, deflate, br');
  t.is(short.headers['content-encoding'], 'br');
  t.is(brotliDecompressSync(short.rawPayload).toString(), "told('a')");
  const plain = await ask('identity');
  t.is(plain.headers['content-encoding'], undefined);
  t.is(plain.headers.vary, 'accept-encoding');
});

test('no address leads out of the assets', async (t) => {
  const { server } = await serving(t);
  for (const path of [
    ...['../secret.txt', '..%2fsecret.txt', '%2e%2e/secret.txt', '..%5csecret.txt', '....//secret.txt'],
    ...[
      'main-a.js%00.txt',
      'main-a.js/..%2f..%2fsecret.txt',
      'main-a.js.br',
      '__proto__',
      'constructor',
      '.',
      '',
    ],
  ]) {
    const { statusCode, body } = await server.inject(`/assets/${path}`);
    t.is(statusCode, 404, path);
    t.notRegex(body, /secret'|told/, path);
  }
});

test('a page says where logins by an identity provider begin', async (t) => {
  const { server } = await serving(t, '/v1/oidc/login');
  t.regex((await server.inject('/')).body, /<meta name="postern-oidc" content="\/v1\/oidc\/login" \/>/);
});
