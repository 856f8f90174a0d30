import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { DatabaseError, serialize } from 'pg-protocol';
import { DataRowMessage } from 'pg-protocol/dist/messages.js';
import { Parser } from 'pg-protocol/dist/parser.js';
import type { UpstreamTarget, UpstreamTls } from '../../../proxy/ports.ts';
import { cancelUpstream } from '../../../proxy/upstream/cancel.ts';
import { connectUpstream, type Upstream } from '../../../proxy/upstream/connect.ts';
import { UpstreamError, type UpstreamFailure } from '../../../proxy/upstream/upstream-error.ts';
import { ScramClient } from '../../../proxy/wire/scram-client.ts';
import { ScramServer } from '../../../proxy/wire/scram-server.ts';
import { makeAuthority } from '../../helpers/certificates.ts';
import { startPostgres } from '../../helpers/postgres.ts';
import { RelayInTheMiddle } from './relay-in-the-middle.ts';

const authority = makeAuthority();
const stranger = makeAuthority();
const postgres = await startPostgres({
  tls: { ...authority.issue('localhost'), ca: authority.ca },
  hba: [
    'host all trusted 127.0.0.1/32 trust',
    'host all cleartext 127.0.0.1/32 password',
    'host all md5 127.0.0.1/32 md5',
    'host all full_up 127.0.0.1/32 scram-sha-256',
    'host all scram 127.0.0.1/32 scram-sha-256',
    'hostssl all certified 127.0.0.1/32 cert',
    'hostssl all tls_only 127.0.0.1/32 scram-sha-256',
  ],
});
test.after.always(() => postgres.stop());

test.before(async () => {
  await postgres.query(`
    CREATE ROLE trusted LOGIN;
    CREATE ROLE certified LOGIN;
    CREATE ROLE cleartext LOGIN PASSWORD 'sésame';
    CREATE ROLE scram LOGIN PASSWORD 'sésame';
    CREATE ROLE tls_only LOGIN PASSWORD 'sésame';
    CREATE ROLE full_up LOGIN PASSWORD 'sésame' CONNECTION LIMIT 0;
    SET password_encryption = 'md5';
    CREATE ROLE md5 LOGIN PASSWORD 'sésame';
  `);
});

const OPTIONS = {
  parameters: new Map([['application_name', 'postern test']]),
  timeoutMs: 10_000,
  keepAliveMs: 60_000,
};

function target(user: string, fields: Partial<UpstreamTarget> = {}): UpstreamTarget {
  const { host, port } = postgres;
  return { host, port, database: 'postgres', user, password: 'sésame', tls: { mode: 'disable' }, ...fields };
}

/** A TLS mode with the CA that the server's certificate is of. */
function tls(mode: UpstreamTls['mode'], fields: Partial<UpstreamTls> = {}): { tls: UpstreamTls } {
  return { tls: { mode, ca: authority.ca, ...fields } };
}

/** The first column of the first row as text; without a row, the SQLSTATE. */
async function ask({ socket }: Upstream, sql: string): Promise<string> {
  const parser = new Parser();
  let answer: string | undefined;
  let ready = false;
  socket.write(serialize.query(sql));
  while (!ready) {
    parser.parse(await nextChunk(socket), (message) => {
      if (message instanceof DataRowMessage) answer ??= message.fields[0];
      else if (message instanceof DatabaseError) answer = message.code;
      else ready ||= message.name === 'readyForQuery';
    });
  }
  return answer ?? '';
}

function nextChunk(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    socket.once('close', () => reject(new Error('closed')));
    socket.once('data', (chunk: Buffer) => {
      socket.pause();
      resolve(chunk);
    });
    socket.resume();
  });
}

async function refused(
  t: ExecutionContext,
  to: UpstreamTarget,
  failure: UpstreamFailure,
  message: RegExp,
  sqlstate = '08001',
): Promise<UpstreamError> {
  const error = (await t.throwsAsync(connectUpstream(to, OPTIONS), {
    instanceOf: UpstreamError,
    message,
  })) as UpstreamError;
  t.is(error.failure, failure);
  t.is(error.sqlstate, sqlstate);
  t.notRegex(error.clientFields.message, /scram|certificate|127\.0\.0\.1|password/);
  return error;
}

const methods: readonly (readonly [string, UpstreamTarget, { readonly ssl: boolean }])[] = [
  ['trust', target('trusted', { password: null }), { ssl: false }],
  ['a cleartext password', target('cleartext'), { ssl: false }],
  ['an MD5 password', target('md5'), { ssl: false }],
  ['SCRAM', target('scram'), { ssl: false }],
  [
    'SCRAM over TLS, verified in full',
    target('tls_only', { host: 'localhost', ...tls('verify-full') }),
    { ssl: true },
  ],
  ['SCRAM over TLS, by address', target('tls_only', tls('verify-full')), { ssl: true }],
  ['SCRAM over TLS, unverified', target('tls_only', { tls: { mode: 'require' } }), { ssl: true }],
  [
    'a client certificate',
    target('certified', { password: null, ...tls('verify-full', authority.issue('certified')) }),
    { ssl: true },
  ],
];

for (const [name, to, { ssl }] of methods) {
  test(`connects by ${name}`, async (t) => {
    const upstream = await connectUpstream(to, OPTIONS);
    t.is(upstream.transactionStatus, 'I');
    t.is(upstream.rest.length, 0);
    t.is(upstream.secretKey.length, 4);
    t.true(upstream.socket.isPaused());
    t.is(upstream.parameterStatus.get('client_encoding'), 'UTF8');
    t.is(upstream.parameterStatus.get('application_name'), 'postern test');
    t.is(await ask(upstream, 'SELECT pg_backend_pid()'), String(upstream.processId));
    t.is(await ask(upstream, 'SELECT current_user'), to.user);
    t.is(await ask(upstream, 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'), ssl ? 't' : 'f');
    upstream.socket.destroy();
  });
}

test('connects by a unix socket, where TLS does not apply', async (t) => {
  const to = target('postgres', { host: postgres.directory, ...tls('verify-full') });
  const upstream = await connectUpstream(to, OPTIONS);
  t.is(await ask(upstream, 'SELECT inet_client_addr() IS NULL'), 't');
  upstream.socket.destroy();
});

test('connects to PostgreSQL 15, and cancels there', async (t) => {
  const old = await startPostgres({ version: 15, tls: authority.issue('localhost') });
  t.teardown(() => old.stop());
  const to = target('postgres', {
    host: 'localhost',
    port: old.port,
    password: old.password,
    ...tls('verify-full'),
  });
  const upstream = await connectUpstream(to, OPTIONS);
  const answer = ask(upstream, 'SELECT pg_sleep(60)');
  await sleep(100);
  await cancelUpstream(to, upstream.processId, upstream.secretKey);
  t.is(await answer, '57014');
  upstream.socket.destroy();
});

test('sends the settings it is given', async (t) => {
  const parameters = new Map([
    ['TimeZone', 'Asia/Tokyo'],
    ['work_mem', '7MB'],
    ['Client_Encoding', 'SJIS'],
  ]);
  const upstream = await connectUpstream(target('scram'), { ...OPTIONS, parameters });
  t.is(upstream.parameterStatus.get('TimeZone'), 'Asia/Tokyo');
  t.is(upstream.parameterStatus.get('client_encoding'), 'UTF8');
  t.is(await ask(upstream, 'SHOW work_mem'), '7MB');
  upstream.socket.destroy();
});

for (const name of ['user', 'Database', 'replication', 'options', '_pq_.x', '__proto__']) {
  test(`"${name}" is no setting`, async (t) => {
    const parameters = new Map([[name, '-c role=postgres']]);
    const error = await t.throwsAsync(connectUpstream(target('scram'), { ...OPTIONS, parameters }), {
      instanceOf: UpstreamError,
      message: /unrecognized configuration parameter/,
    });
    t.is((error as UpstreamError).sqlstate, '42704');
  });
}

test('a wrong password is refused by the server', async (t) => {
  for (const user of ['cleartext', 'md5', 'scram']) {
    await refused(
      t,
      target(user, { password: 'open' }),
      'refused',
      /password authentication failed/,
      '28P01',
    );
  }
});

test('a password that is asked for but not configured', async (t) => {
  await refused(t, target('scram', { password: null }), 'refused', /none is configured/, '28P01');
});

test('refusals say what the server says, to the operator alone', async (t) => {
  const nobody = await refused(t, target('nobody'), 'refused', /no pg_hba\.conf entry.*nobody/, '28000');
  t.deepEqual(nobody.clientFields, { sqlstate: '08001', message: 'could not connect to the database' });
  const full = await refused(
    t,
    target('full_up'),
    'refused',
    /too many connections for role "full_up"/,
    '53300',
  );
  t.is(full.clientFields.sqlstate, '53300');
  const nowhere = await refused(
    t,
    target('scram', { database: 'nowhere' }),
    'refused',
    /does not exist/,
    '3D000',
  );
  t.is(nowhere.clientFields.message, 'the database does not exist');
  await refused(t, target('tls_only'), 'refused', /no encryption/, '28000');
});

test('certificates that do not verify', async (t) => {
  const foreign = { ca: stranger.ca };
  await refused(t, target('tls_only', tls('verify-full', foreign)), 'tls', /unable to verify|self.signed/);
  await refused(t, target('tls_only', tls('verify-ca', foreign)), 'tls', /unable to verify|self.signed/);
  await refused(t, target('tls_only', tls('require', foreign)), 'tls', /unable to verify|self.signed/);
  await refused(t, target('tls_only', { tls: { mode: 'verify-full' } }), 'tls', /unable to|self.signed/);
});

test("another name than the certificate's: refused in full verification alone", async (t) => {
  const other = await startPostgres({ tls: authority.issue('elsewhere') });
  t.teardown(() => other.stop());
  const to = { host: 'localhost', port: other.port, user: 'postgres', password: other.password };
  await refused(t, target('postgres', { ...to, ...tls('verify-full') }), 'tls', /altnames|Hostname/);
  const upstream = await connectUpstream(target('postgres', { ...to, ...tls('verify-ca') }), OPTIONS);
  upstream.socket.destroy();
});

test('client certificates of another CA, or of another name, or none', async (t) => {
  const with_ = (files: Partial<UpstreamTls>) => target('certified', tls('verify-full', files));
  await refused(t, with_({}), 'refused', /valid client certificate/, '28000');
  await refused(t, with_(authority.issue('scram')), 'refused', /certificate authentication failed/, '28000');
  const { cert, key } = stranger.issue('certified');
  const error = await t.throwsAsync(connectUpstream(with_({ cert, key }), OPTIONS), {
    instanceOf: UpstreamError,
  });
  t.regex(error?.message ?? '', /unknown ca|lost the connection|no TLS/);
});

test('no TLS where the server has none', async (t) => {
  const plain = await startPostgres();
  t.teardown(() => plain.stop());
  await refused(t, target('postgres', { port: plain.port, ...tls('require') }), 'tls', /does not offer TLS/);
});

test('channel binding: one who sits between and has the password asked anyway gets nothing', async (t) => {
  await using relay = await RelayInTheMiddle.start(postgres.port, stranger.issue('localhost'));
  const to = target('tls_only', { port: relay.port, tls: { mode: 'require' } });
  await refused(t, to, 'refused', /channel binding check failed/, '28000');
});

test('nobody listens', async (t) => {
  await refused(t, target('scram', { port: 1 }), 'unreachable', /could not connect to 127\.0\.0\.1:1/);
  await refused(t, target('scram', { host: '/nowhere' }), 'unreachable', /could not connect/);
  await refused(t, target('scram', { host: 'postern.invalid' }), 'unreachable', /could not connect/);
});

for (const mode of ['disable', 'verify-full'] as const) {
  test(`cancels what runs, and nothing else (TLS: ${mode})`, async (t) => {
    const to = target('scram', { host: 'localhost', ...tls(mode) });
    const [one, two] = await Promise.all([connectUpstream(to, OPTIONS), connectUpstream(to, OPTIONS)]);
    const answers = [ask(one, 'SELECT pg_sleep(60)'), ask(two, "SELECT 'two' FROM pg_sleep(0.5)")];
    await sleep(100);
    await cancelUpstream(to, two.processId, one.secretKey);
    await cancelUpstream(to, one.processId, one.secretKey);
    t.is(await answers[0], '57014');
    t.is(await answers[1], 'two');
    t.is(await ask(one, 'SELECT 1'), '1');
    one.socket.destroy();
    two.socket.destroy();
  });
}

test('a cancel that reaches nobody says so', async (t) => {
  const error = await t.throwsAsync(cancelUpstream(target('scram', { port: 1 }), 1, new Uint8Array(4)), {
    instanceOf: UpstreamError,
  });
  t.is((error as UpstreamError).failure, 'unreachable');
});

test('the verifier that PostgreSQL keeps for a password is one that the server side here takes', async (t) => {
  const rows = await postgres.query("SELECT rolpassword FROM pg_authid WHERE rolname = 'scram'");
  const [, iterations, salt, storedKey, serverKey] =
    /^SCRAM-SHA-256\$(\d+):(.+)\$(.+):(.+)$/.exec(String(rows[0]?.rolpassword)) ?? [];
  const [saltBytes, stored, serving] = [salt, storedKey, serverKey].map((text) =>
    Buffer.from(text ?? '', 'base64'),
  );
  const verifier = {
    iterations: Number(iterations),
    salt: saltBytes!,
    storedKey: stored!,
    serverKey: serving!,
  };
  const server = new ScramServer({ verifier, channelBinding: null });
  const client = new ScramClient({ password: 'sésame', mechanisms: server.mechanisms, channelBinding: null });
  const outcome = server.final(await client.final(server.first(client.mechanism, client.first())));
  t.true(outcome.ok);
  if (outcome.ok) t.notThrows(() => client.verify(outcome.serverFinal));
});
