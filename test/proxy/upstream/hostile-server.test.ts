import test from 'ava';
import { connectUpstream } from '../../../proxy/upstream/connect.ts';
import { UpstreamError, type UpstreamFailure } from '../../../proxy/upstream/upstream-error.ts';
import { cstring, frame, int32, join } from '../wire/bytes.ts';
import { ScriptedServer, type Step } from './scripted-server.ts';

/** Patient, so that a busy machine is not taken for a silent server; the silent ones are given up soon. */
const OPTIONS = { parameters: new Map<string, string>(), timeoutMs: 60_000, keepAliveMs: null };
const IMPATIENT = { ...OPTIONS, timeoutMs: 500 };
const TLS = { tls: { mode: 'require' } } as const;

const ok = frame('R', int32(0));
const sasl = frame('R', int32(10), cstring('SCRAM-SHA-256', ''));
const key = frame('K', int32(1, 2));
const ready = frame('Z', Buffer.from('I'));
const asked = { expect: 8 };
const question = { expect: 8 };
const answer = (origin: string) => frame('D', Buffer.from([0, 1]), int32(origin.length), Buffer.from(origin));
const error = frame('E', cstring('SFATAL', 'C28000', 'Mgo away', ''));

const wrong: readonly (readonly [string, readonly Step[], object, UpstreamFailure, RegExp])[] = [
  ['says nothing', [], {}, 'unreachable', /within 500 ms/],
  ['says nothing to the request for TLS', [], TLS, 'unreachable', /within 500 ms/],
  ['says nothing in the TLS handshake', [asked, Buffer.from('S')], TLS, 'unreachable', /within 500 ms/],
  ['stops in the middle of a message', [asked, ok.subarray(0, 6)], {}, 'unreachable', /within 500 ms/],
  ['hangs up', ['close'], {}, 'unreachable', /closed|lost/],
  ['hangs up in the middle', [asked, ok, 'close'], {}, 'unreachable', /closed|lost/],
  ['hangs up in the TLS handshake', [asked, Buffer.from('S'), 'close'], TLS, 'tls', /no TLS/],
  [
    'is not PostgreSQL',
    [asked, Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    {},
    'protocol',
    /not understood/,
  ],
  [
    'answers TLS with nonsense',
    [asked, Buffer.from('SNot a record at all'), 'close'],
    TLS,
    'tls',
    /unencrypted data|no TLS/,
  ],
  // CVE-2021-23222
  [
    'stuffs bytes in before TLS',
    [asked, join(Buffer.from('S'), ok, key, ready)],
    TLS,
    'tls',
    /unencrypted data/,
  ],
  // CVE-2024-10977
  ["puts words into the server's mouth before TLS", [asked, error], TLS, 'tls', /with an error/],
  ['skips its proof', [asked, sasl, asked, ok, key, ready], {}, 'protocol', /unexpected authenticationOk/],
  [
    'offers a foreign mechanism',
    [asked, frame('R', int32(10), cstring('X', ''))],
    {},
    'protocol',
    /none of the offered/,
  ],
  [
    'sends a false challenge',
    [asked, sasl, asked, frame('R', int32(11), Buffer.from('r=x,s=AA==,i=1'))],
    {},
    'protocol',
    /SCRAM.*malformed/,
  ],
  ['asks for a ticket', [asked, frame('R', int32(7))], {}, 'protocol', /type R.*not understood/],
  ['gives no key', [asked, ok, ready], {}, 'protocol', /no key/],
  ['sends a row', [asked, ok, frame('D', Buffer.alloc(2))], {}, 'protocol', /unexpected dataRow/],
  ['sends an unknown message', [asked, ok, frame('y')], {}, 'protocol', /not understood/],
  ['sends a length of 3', [asked, join(Buffer.from('R'), int32(3))], {}, 'protocol', /3 bytes/],
  [
    'announces a gigabyte',
    [asked, join(Buffer.from('S'), int32(2 ** 30))],
    {},
    'protocol',
    /1073741824 bytes/,
  ],
  ['refuses', [asked, error], {}, 'refused', /go away/],
  ['refuses after all', [asked, ok, key, error], {}, 'refused', /go away/],
];

for (const [name, steps, fields, failure, message] of wrong) {
  test(`a server that ${name}`, async (t) => {
    await using server = await ScriptedServer.start(steps);
    const options = message.source.includes('within 500 ms') ? IMPATIENT : OPTIONS;
    const thrown = await t.throwsAsync(connectUpstream(server.target(fields), options), {
      instanceOf: UpstreamError,
      message,
    });
    t.is((thrown as UpstreamError).failure, failure);
    await server.abandoned();
  });
}

test('notices are passed over, and what follows ReadyForQuery is kept', async (t) => {
  const notice = frame('N', cstring('SWARNING', 'C01000', 'Mhm', ''));
  const after = join(frame('A', int32(7), cstring('jobs', '')), Buffer.from('E'));
  const greeting = join(notice, ok, notice, frame('S', cstring('a', 'b')), key, notice, ready);
  const steps = [asked, greeting, question, join(notice, answer('5 1'), ready, after)];
  await using server = await ScriptedServer.start(steps);
  const upstream = await connectUpstream(server.target(), OPTIONS);
  t.is(upstream.rest.toString('latin1'), after.toString('latin1'));
  t.deepEqual([...upstream.parameterStatus], [['a', 'b']]);
  t.is(upstream.origin, '5 1');
  t.is(upstream.processId, 1);
  t.deepEqual([...upstream.secretKey], [0, 0, 0, 2]);
  upstream.socket.destroy();
});

test('whatever the pieces in which it comes', async (t) => {
  const greeting = join(ok, frame('S', cstring('TimeZone', 'UTC')), key, ready);
  const bytewise = (bytes: Buffer) => [...bytes].map((byte) => Buffer.from([byte]));
  await using server = await ScriptedServer.start([
    ...[asked, ...bytewise(greeting)],
    ...[question, ...bytewise(join(answer('5 1'), ready))],
  ]);
  const upstream = await connectUpstream(server.target(), OPTIONS);
  t.deepEqual([...upstream.parameterStatus], [['TimeZone', 'UTC']]);
  t.is(upstream.origin, '5 1');
  upstream.socket.destroy();
});

test('an established connection outlives the time it had to connect, and its loss throws nothing', async (t) => {
  await using server = await ScriptedServer.start([
    asked,
    join(ok, key, ready),
    question,
    join(answer('5 1'), ready),
  ]);
  const upstream = await connectUpstream(server.target(), { ...OPTIONS, timeoutMs: 3_000 });
  await new Promise((resolve) => setTimeout(resolve, 3_200));
  t.false(upstream.socket.destroyed);
  upstream.socket.destroy(new Error('lost'));
  await server.abandoned();
});
