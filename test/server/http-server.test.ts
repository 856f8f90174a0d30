import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { createHttpServer, HttpFault, listen } from '../../server/http-server.ts';

async function serve(t: ExecutionContext, arrival: number): Promise<{ port: number; faults: string[] }> {
  const faults: string[] = [];
  const server = createHttpServer({ tls: null, arrival, failed: ({ message }) => faults.push(message) });
  server.post('/echo', (request) => ({ got: request.body }));
  server.get('/later', () => {
    throw new HttpFault(503, { code: 'later', message: 'not now', hint: 'Later.' }, 1_500);
  });
  server.get('/broken', () => {
    throw new Error('password=hunter2');
  });
  t.teardown(() => server.close());
  return { port: await listen(server, { host: '127.0.0.1', port: 0 }), faults };
}

/** Bytes as they are; resolves with all that the server says until it closes. */
function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(bytes);
  return text(socket);
}

const HEAD = 'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n';
const PATIENCE = 60_000;

test('who sends slowly is let go, in the head and in the body', async (t) => {
  const { port } = await serve(t, 200);
  const answers = await Promise.all([
    raw(port, 'POST /echo HTTP/1.1\r\nhost: a\r\n'),
    raw(port, `${HEAD}content-length: 1000\r\n\r\n{"sql": "sel`),
  ]);
  for (const answer of answers) t.regex(answer, /^HTTP\/1.1 408 /);
});

test('a head that is too long, or that can be read in two ways, is refused', async (t) => {
  const { port } = await serve(t, PATIENCE);
  t.regex(await raw(port, `${HEAD}x: ${'y'.repeat(9_000)}\r\n\r\n`), /^HTTP\/1.1 431 /);
  const smuggled = `${HEAD}transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n{}`;
  t.regex(await raw(port, smuggled), /^HTTP\/1.1 400 /);
  t.regex(await raw(port, `${HEAD}content-length: 2\r\ncontent-length: 3\r\n\r\n{} `), /^HTTP\/1.1 400 /);
});

test('a body that is announced as too long is not waited for', async (t) => {
  const { port } = await serve(t, PATIENCE);
  const answer = await raw(port, `${HEAD}content-length: 1000000000\r\n\r\n{`);
  t.regex(answer, /^HTTP\/1.1 413 [\s\S]*the body is longer than \d+ bytes/);
});

test('errors are problem details (RFC 9457), tell when to try again, and nothing of the server itself', async (t) => {
  const { port, faults } = await serve(t, PATIENCE);
  const later = await fetch(`http://127.0.0.1:${port}/later`);
  t.deepEqual([later.status, later.headers.get('retry-after')], [503, '2']);
  t.is(later.headers.get('content-type'), 'application/problem+json');
  t.deepEqual(await later.json(), {
    ...{ type: 'about:blank', title: 'Service Unavailable', status: 503 },
    ...{ detail: 'not now', code: 'later', hint: 'Later.' },
  });
  const broken = await fetch(`http://127.0.0.1:${port}/broken`);
  t.is(broken.status, 500);
  t.notRegex(await broken.text(), /hunter2/);
  t.deepEqual(faults, ['password=hunter2']);
  t.is((await fetch(`http://127.0.0.1:${port}/nowhere`)).status, 404);
});
