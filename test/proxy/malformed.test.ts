import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { startPostern } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';
import {
  errorText,
  message,
  query,
  RawClient,
  type RawMessage,
  saslInitialResponse,
  startupPacket,
} from '../helpers/raw-client.ts';
import { cstring, frame, int16, int32, join, packet } from './wire/bytes.ts';

// A process of its own: it must survive all of this, and its memory can be watched.
const postgres = await startPostgres();
await postgres.query('CREATE TABLE public.notes (id integer, body text)');
const postern = await startPostern({
  postgres,
  child: true,
  tls: true,
  config: { limits: { startupTimeout: '2s', statementBytes: '1MiB', messageBytes: '4MiB' } },
});
const grant = await postern.grant({ allow: ['select,insert,export:public.*'], limits: { connections: 32 } });
test.after.always(async () => {
  await postern.stop();
  await postgres.stop();
});
const SSL_REQUEST = packet(int32(80877103));
const CLOSE_MS = 60_000;

async function connected(): Promise<RawClient> {
  return RawClient.connect(postern.port);
}

async function loggedIn(): Promise<RawClient> {
  const client = await connected();
  await client.login(grant);
  return client;
}

/** Each brings a fresh connection into a state in which the bytes of a test come. */
const states = {
  'before startup': connected,
  'during TLS': async () => {
    const client = await connected();
    client.send(SSL_REQUEST);
    await client.receiveByte();
    return client;
  },
  'in TLS before startup': async () => {
    const client = await connected();
    client.send(SSL_REQUEST);
    await client.receiveByte();
    await client.startTls();
    return client;
  },
  'during SASL': async () => {
    const client = await connected();
    client.send(startupPacket({ user: grant.user, database: grant.database }));
    await client.receiveUntil('R');
    return client;
  },
  'after the SASL challenge': async () => {
    const client = await connected();
    client.send(startupPacket({ user: grant.user, database: grant.database }));
    await client.receiveUntil('R');
    client.send(saslInitialResponse(client.scram('SCRAM-SHA-256', grant.password)));
    await client.receiveUntil('R');
    return client;
  },
  idle: loggedIn,
  'in a transaction': async () => {
    const client = await loggedIn();
    client.send(query('BEGIN'));
    await client.receiveUntil('Z');
    client.send(query("INSERT INTO public.notes VALUES (1, 'never')"));
    await client.receiveUntil('Z');
    return client;
  },
  'in a pipeline': async () => {
    const client = await loggedIn();
    const insert = cstring('', "INSERT INTO public.notes VALUES (2, 'never')");
    client.send(frame('P', insert, int16(0)), frame('B', cstring('', ''), int16(0, 0, 0)));
    client.send(frame('E', cstring(''), int32(0)), frame('H'));
    await client.receiveUntil('C');
    return client;
  },
  'in COPY': async () => {
    const client = await loggedIn();
    client.send(query('COPY public.notes FROM STDIN'));
    await client.receiveUntil('G');
    client.send(frame('d', Buffer.from('3\tnever\n')));
    return client;
  },
} as const satisfies Record<string, () => Promise<RawClient>>;
type State = keyof typeof states;

const BEFORE_LOGIN: readonly State[] = ['before startup', 'in TLS before startup'];
const IN_SASL: readonly State[] = ['during SASL', 'after the SASL challenge'];
const IN_SESSION: readonly State[] = ['idle', 'in a transaction', 'in a pipeline', 'in COPY'];

/** What comes until the server closes the connection; the test fails if it does not. */
async function untilClosed(client: RawClient): Promise<readonly RawMessage[]> {
  const seen: RawMessage[] = [];
  for (;;) {
    const next = await client.receive(CLOSE_MS);
    if (next === null) return seen;
    seen.push(next);
  }
}

async function violates(t: ExecutionContext, state: State, bytes: Buffer, expected: RegExp): Promise<void> {
  const client = await states[state]();
  client.send(bytes);
  const seen = await untilClosed(client);
  t.is(seen.at(-1)?.type, 'E');
  const last = seen.at(-1) as RawMessage;
  t.regex(errorText(last), expected);
  t.regex(last.body.toString('latin1'), /^SFATAL\0/);
  client.destroy();
}

const startups: readonly (readonly [string, Buffer, RegExp])[] = [
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), /^08P01 invalid length of startup packet/],
  ['a length of 0', int32(0), /^08P01 invalid length/],
  ['a length of 7', join(int32(7), Buffer.alloc(3)), /^08P01 invalid length/],
  ['a length past the cap', int32(10_005), /^08P01 invalid length/],
  ['the greatest length', int32(-1), /^08P01 invalid length/],
  ['protocol 2.0', packet(int16(2, 0), Buffer.alloc(288)), /^0A000 unsupported frontend protocol 2\.0/],
  ['an unknown request code', packet(int32(80877199)), /^0A000 unsupported frontend protocol/],
  ['no terminator', packet(int16(3, 0), cstring('user', 'x')), /^08P01 invalid string/],
  [
    'bytes after the terminator',
    packet(int16(3, 0), cstring('user', 'x', '', 'y')),
    /^08P01 invalid message format/,
  ],
  ['no user', packet(int16(3, 0), cstring('database', 'x', '')), /^28000 no PostgreSQL user name/],
  ['two users', packet(int16(3, 0), cstring('user', 'x', 'user', 'y', '')), /^08P01 duplicate parameter/],
  ['a user that is not UTF-8', packet(int16(3, 0), cstring('user'), Buffer.from([0xff, 0, 0])), /^22021 /],
  ['a cancel key of 3 bytes', packet(int32(80877102, 1), Buffer.alloc(3)), /^08P01 invalid length of cancel/],
  ['a message instead', frame('Q', cstring('SELECT 1')), /^08P01 invalid length of startup packet/],
];

for (const [name, bytes, expected] of startups) {
  for (const state of BEFORE_LOGIN) {
    test.serial(`startup with ${name}, ${state}`, (t) => violates(t, state, bytes, expected));
  }
}

// CVE-2021-23214
test.serial('bytes in the clear behind SSLRequest are not taken for part of what comes through TLS', (t) => {
  const stuffed = join(SSL_REQUEST, startupPacket({ user: grant.user, database: grant.database }));
  return violates(t, 'before startup', stuffed, /^08P01 received unencrypted data after SSL request/);
});

test.serial('SSLRequest inside TLS', (t) =>
  violates(t, 'in TLS before startup', SSL_REQUEST, /^08P01 unexpected second SSL request/),
);

test.serial('GSSENCRequest twice', async (t) => {
  const client = await connected();
  const request = packet(int32(80877104));
  client.send(request);
  t.is(await client.receiveByte(), 'N');
  client.send(request);
  t.regex(errorText((await untilClosed(client))[0] as RawMessage), /^08P01 unexpected GSSAPI/);
});

const handshakes: readonly (readonly [string, Buffer])[] = [
  ['no record', Buffer.from('not TLS at all\r\n')],
  ['a startup packet in the clear', startupPacket({ user: grant.user, database: grant.database })],
  ['a record of a wrong version', Buffer.from('160001000501000001ff', 'hex')],
  ['an oversized record', Buffer.from('160301ffff', 'hex')],
  ['an alert', Buffer.from('15030100020228', 'hex')],
];

for (const [name, bytes] of handshakes) {
  test.serial(`TLS handshake with ${name}`, async (t) => {
    const client = await states['during TLS']();
    client.send(bytes);
    // What comes may be a TLS alert: there is nothing to say but goodbye.
    await t.notThrowsAsync(ended(client));
  });
}

const password = (...parts: readonly Buffer[]) => frame('p', ...parts);
const sasl: readonly (readonly [string, Buffer, RegExp])[] = [
  ['a Query', frame('Q', cstring('SELECT 1')), /^08P01 expected a SASL response/],
  ['a startup packet', startupPacket({ user: 'x' }), /^08P01 expected a SASL response/],
  ['a length of 3', join(Buffer.from('p'), int32(3)), /^08P01 invalid length of SASL response/],
  ['a negative length', join(Buffer.from('p'), int32(-1)), /^08P01 invalid length of SASL response/],
  ['a kilobyte and more', password(Buffer.alloc(1021)), /^08P01 invalid length of SASL response/],
  ['nothing in it', password(), /^08P01 /],
  ['a plain password', password(cstring(grant.password)), /^08P01 /],
  ['bytes that are not UTF-8', password(Buffer.alloc(40, 0xff)), /^(08P01|22021) /],
];

for (const [name, bytes, expected] of sasl) {
  for (const state of IN_SASL) {
    test.serial(`SASL response with ${name}, ${state}`, (t) => violates(t, state, bytes, expected));
  }
}

const frames: readonly (readonly [string, Buffer])[] = [
  ['an unknown type', frame('\x00')],
  ['a type that only servers send', frame('Z', Buffer.from('I'))],
  ['a password', frame('p', cstring(grant.password))],
  ['a length of 0', join(Buffer.from('S'), int32(0))],
  ['a length of 3', join(Buffer.from('Q'), int32(3))],
  ['a Sync with a body', frame('S', Buffer.alloc(1))],
  ['a Flush with a body', frame('H', Buffer.alloc(1))],
  ['a startup packet', startupPacket({ user: grant.user })],
  ['a TLS record', Buffer.from('1603010000', 'hex')],
];
const oversized: readonly (readonly [string, Buffer])[] = [
  ['the greatest length', join(Buffer.from('Q'), int32(-1))],
  ['a length past the cap', join(Buffer.from('d'), int32(2 ** 22 + 1))],
  ['a Describe as long as a statement', join(Buffer.from('D'), int32(20_000))],
];

for (const state of IN_SESSION) {
  for (const [name, bytes] of frames) {
    test.serial(`${name}, ${state}`, (t) => violates(t, state, bytes, /^(08P01|54000) /));
  }
  for (const [name, bytes] of oversized) {
    test.serial(`${name}, refused from the header alone, ${state}`, (t) =>
      violates(t, state, bytes, /^(54000|08P01) /),
    );
  }
}

const bodies: readonly (readonly [string, Buffer])[] = [
  ['a Query without its NUL', frame('Q', Buffer.from('SELECT 1'))],
  ['a Query with text behind its NUL', frame('Q', cstring('SELECT 1', 'DELETE FROM public.notes'))],
  ['a Parse with types past its end', frame('P', cstring('', 'SELECT 1'), int16(9))],
  [
    'a Bind with a parameter past its end',
    frame('B', cstring('', ''), int16(0, 1), int32(2 ** 20), int16(0)),
  ],
  ['a Bind with a negative parameter', frame('B', cstring('', ''), int16(0, 1), int32(-2), int16(0))],
  ['a Describe of neither kind', frame('D', cstring('X'))],
  ['a Close of nothing', frame('C')],
  ['an Execute without a row limit', frame('E', cstring(''))],
];

for (const state of ['idle', 'in a transaction', 'in a pipeline'] as const) {
  for (const [name, bytes] of bodies) {
    test.serial(`${name}, ${state}`, (t) => violates(t, state, bytes, /^08P01 /));
  }
}

test.serial('none of what was open when a session ended so has been committed', async (t) => {
  t.deepEqual(await postgres.query("SELECT * FROM public.notes WHERE body = 'never'"), []);
});

test.serial('a violation is in the audit trail, and ends the session there', async (t) => {
  const client = await loggedIn();
  client.send(frame('y', Buffer.from('audited')));
  await untilClosed(client);
  const violation = await postern.event('protocol.violation', {
    grant: grant.id,
    message: 'unknown message type 0x79',
  });
  t.truthy(violation.session);
  await postern.event('session.end', { session: violation.session, reason: 'protocol' });
});

test.serial('text that is not UTF-8, or too long, is an ordinary error', async (t) => {
  const client = await loggedIn();
  const long = `SELECT 1 --${'x'.repeat(2 ** 20)}`;
  for (const [bytes, expected] of [
    [frame('Q', Buffer.from([0x53, 0xff, 0])), /^22021 /],
    [query(long), /^54000 /],
    [join(frame('P', Buffer.from([0, 0xff, 0, 0, 0])), frame('S')), /^22021 /],
    [join(frame('P', cstring('', long), int16(0)), frame('S')), /^54000 /],
  ] as const) {
    client.send(bytes);
    t.regex(errorText((await client.receiveUntil('Z'))[0] as RawMessage), expected);
  }
  client.send(query('SELECT 1'));
  t.is((await client.receiveUntil('Z')).map(({ type }) => type).join(''), 'TDCZ');
  client.destroy();
});

test.serial('who says nothing, or stops halfway, is sent away in time', async (t) => {
  const silent: readonly (readonly [State, Buffer])[] = [
    ['before startup', Buffer.alloc(0)],
    ['before startup', startupPacket({ user: 'x' }).subarray(0, 12)],
    ['during SASL', Buffer.from('p')],
    ['after the SASL challenge', password(Buffer.alloc(100)).subarray(0, 50)],
  ];
  const dismissed = silent.map(async ([state, bytes]) => {
    const client = await states[state]();
    client.send(bytes);
    t.regex(errorText((await untilClosed(client)).at(-1) as RawMessage), /^08006 /, state);
  });
  await Promise.all([...dismissed, states['during TLS']().then(ended)]);
});

/** Resolves when the server has closed the connection, whatever it said before. */
async function ended(client: RawClient): Promise<void> {
  const deadline = Date.now() + CLOSE_MS;
  client.socket.on('error', () => {});
  while (!client.socket.readableEnded && !client.socket.destroyed) {
    if (Date.now() > deadline) throw new Error('the server keeps the connection');
    await sleep(5);
  }
}

// Random bytes, and pieces of real messages put together at random.
const piece = fc.oneof(
  fc.uint8Array({ maxLength: 24 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(...frames, ...oversized, ...bodies).map(([, bytes]) => bytes),
  fc
    .tuple(fc.constantFrom(...'QPBDECSHdcfFpX'), fc.uint8Array({ maxLength: 24 }))
    .map(([type, body]) => message(type, body)),
  fc.constantFrom(
    query("INSERT INTO public.notes VALUES (9, 'maybe')"),
    frame('P', cstring('', 'SELECT 1'), int16(0)),
    frame('B', cstring('', ''), int16(0, 0, 0)),
    frame('E', cstring(''), int32(0)),
    frame('S'),
    SSL_REQUEST,
    startupPacket({ user: grant.user, database: grant.database }),
  ),
);
const stream = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => Buffer.concat(pieces));

/** Any but an internal error. */
const KNOWN = /^(?!XX)[0-9A-Z]{5} ./;

for (const state of Object.keys(states) as State[]) {
  test(`any bytes, in any pieces, ${state}: an answer that makes sense, and an end`, async (t) => {
    await t.notThrowsAsync(
      fc.assert(
        fc.asyncProperty(stream, fc.array(fc.nat(), { maxLength: 3 }), async (bytes, cuts) => {
          const client = await states[state]();
          let from = 0;
          for (const cut of [
            ...cuts.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b),
            bytes.length,
          ]) {
            client.send(bytes.subarray(from, cut));
            from = cut;
            await new Promise(setImmediate);
          }
          client.socket.end();
          if (state === 'during TLS' || state === 'before startup') {
            await ended(client); // the answers may be single bytes and TLS records
          } else {
            for (const seen of await untilClosed(client)) {
              if (seen.type === 'E') t.regex(errorText(seen), KNOWN);
            }
          }
          client.destroy();
        }),
        { numRuns: 60 },
      ),
    );
  });
}

test.serial.after('it lives, serves, and has leaked nothing', async (t) => {
  const client = await loggedIn();
  client.send(query('SELECT 1'));
  t.is((await client.receiveUntil('Z')).map(({ type }) => type).join(''), 'TDCZ');
  client.destroy();
  const others =
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE client_addr IS NOT NULL AND application_name <> 'postern catalog'";
  for (let attempt = 0; attempt < 1_200; attempt++) {
    const [row] = await postgres.query<{ n: number }>(others);
    if (row?.n === 0) break;
    await sleep(50);
  }
  t.deepEqual(await postgres.query(others), [{ n: 0 }]);
  t.true(residentMegabytes(postern.pid) < 400);
});

function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
