import { X509Certificate } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { certificateHash } from '../../../proxy/wire/certificate-hash.ts';
import { knownKeys } from '../../../proxy/wire/known-keys.ts';
import { mockVerifier } from '../../../proxy/wire/mock-verifier.ts';
import { ProtocolError } from '../../../proxy/wire/protocol-error.ts';
import {
  deriveKeys,
  SCRAM_SHA_256,
  SCRAM_SHA_256_PLUS,
  type ScramVerifier,
} from '../../../proxy/wire/scram.ts';
import { MAX_ITERATIONS, ScramClient, type ScramClientOptions } from '../../../proxy/wire/scram-client.ts';
import { ScramServer } from '../../../proxy/wire/scram-server.ts';
import { makeCertificates } from '../../helpers/certificates.ts';
import { ScramClient as OtherClient } from '../../helpers/scram-client.ts';

const SALT = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
const BINDING = Buffer.alloc(32, 5);

async function verifierOf(password: string, iterations = 4096): Promise<ScramVerifier> {
  return { iterations, salt: SALT, ...(await deriveKeys(password, SALT, iterations)) };
}
const PENCIL = await verifierOf('pencil');

const server = (fields: Partial<ConstructorParameters<typeof ScramServer>[0]> = {}) =>
  new ScramServer({ verifier: PENCIL, channelBinding: null, ...fields });
const client = (fields: Partial<ScramClientOptions> = {}) =>
  new ScramClient({ password: 'pencil', mechanisms: [SCRAM_SHA_256], channelBinding: null, ...fields });

/** Runs both sides against each other; false if the server refuses the proof. */
async function exchange(theServer: ScramServer, theClient: ScramClient): Promise<boolean> {
  const challenge = theServer.first(theClient.mechanism, theClient.first());
  const outcome = theServer.final(await theClient.final(challenge));
  if (outcome.ok) theClient.verify(outcome.serverFinal);
  return outcome.ok && theClient.verified;
}

interface Refusal {
  readonly sqlstate: string;
  readonly message: RegExp;
}
const refusal = (sqlstate: string, message: RegExp): Refusal => ({ sqlstate, message });

function throwing(t: ExecutionContext, run: () => unknown, { sqlstate, message }: Refusal): void {
  t.is(t.throws(run, { instanceOf: ProtocolError, message })?.sqlstate, sqlstate);
}

async function rejecting(
  t: ExecutionContext,
  run: Promise<unknown>,
  { sqlstate, message }: Refusal,
): Promise<void> {
  const error = await t.throwsAsync(run, { instanceOf: ProtocolError, message });
  t.is(error?.sqlstate, sqlstate);
}

// RFC 7677 section 3.
const RFC = {
  clientNonce: 'rOprNGfwEbeRWgbNEkqO',
  serverNonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
  clientFirst: 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
  serverFirst: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  clientFinal:
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
};

test('the server says what RFC 7677 says', (t) => {
  const scram = server({ nonce: RFC.serverNonce });
  t.is(scram.first(SCRAM_SHA_256, RFC.clientFirst), RFC.serverFirst);
  t.deepEqual(scram.final(RFC.clientFinal), { ok: true, serverFinal: RFC.serverFinal });
});

test('the client says what RFC 7677 says', async (t) => {
  const scram = client({ nonce: RFC.clientNonce, user: 'user' });
  t.is(scram.first(), RFC.clientFirst);
  t.is(await scram.final(RFC.serverFirst), RFC.clientFinal);
  scram.verify(RFC.serverFinal);
  t.true(scram.verified);
});

test('they understand each other, with channel binding where both have it', async (t) => {
  t.true(await exchange(server(), client()));
  const bound = server({ channelBinding: BINDING });
  const binder = client({ mechanisms: bound.mechanisms, channelBinding: BINDING });
  t.is(binder.mechanism, SCRAM_SHA_256_PLUS);
  t.true(await exchange(bound, binder));
  t.true(await exchange(server({ channelBinding: BINDING }), client()), 'a client that can not bind');
  t.true(await exchange(server(), client({ channelBinding: BINDING })), 'a server that can not bind');
});

test('a client written apart agrees', (t) => {
  const certificate = new X509Certificate(makeCertificates().cert).raw;
  for (const mechanism of [SCRAM_SHA_256, SCRAM_SHA_256_PLUS] as const) {
    const scram = server({ channelBinding: certificateHash(certificate) });
    const other = new OtherClient(mechanism, 'pencil', certificate);
    const outcome = scram.final(other.final(scram.first(mechanism, other.first())));
    t.true(outcome.ok);
    if (outcome.ok) t.notThrows(() => other.verify(outcome.serverFinal));
  }
});

test('a wrong password is refused, and nothing else is told', async (t) => {
  t.false(await exchange(server(), client({ password: 'pencil2' })));
  t.false(await exchange(server(), client({ password: '' })));
});

test('passwords are prepared as by SASLprep, or taken as they are where it does not apply', async (t) => {
  t.true(await exchange(server({ verifier: await verifierOf('IX') }), client({ password: '\u2168' })));
  t.true(await exchange(server({ verifier: await verifierOf('I\u00adX') }), client({ password: 'IX' })));
  const prohibited = 'a\u0007b';
  t.true(
    await exchange(server({ verifier: await verifierOf(prohibited) }), client({ password: prohibited })),
  );
});

test('another TLS channel is refused', async (t) => {
  const scram = server({ channelBinding: BINDING });
  const between = client({ mechanisms: [SCRAM_SHA_256_PLUS], channelBinding: Buffer.alloc(32, 6) });
  const final = await between.final(scram.first(SCRAM_SHA_256_PLUS, between.first()));
  throwing(t, () => scram.final(final), refusal('28000', /channel binding check failed/));
});

test('a client that was talked out of channel binding is told so', (t) => {
  // The man in the middle hides -PLUS; the client, able to bind, says `y`.
  const deceived = client({ mechanisms: [SCRAM_SHA_256], channelBinding: BINDING });
  throwing(
    t,
    () => server({ channelBinding: BINDING }).first(deceived.mechanism, deceived.first()),
    refusal('28000', /channel binding negotiation error/),
  );
});

test('turning the flag `y` into `n` on the way breaks the proof', async (t) => {
  const deceived = client({ mechanisms: [SCRAM_SHA_256], channelBinding: BINDING });
  const scram = server({ channelBinding: BINDING });
  const final = await deceived.final(scram.first(SCRAM_SHA_256, deceived.first().replace(/^y/, 'n')));
  throwing(t, () => scram.final(final), refusal('28000', /channel binding check failed/));
  const repaired = client({ mechanisms: [SCRAM_SHA_256], channelBinding: BINDING });
  const again = server({ channelBinding: BINDING });
  const forged = await repaired.final(again.first(SCRAM_SHA_256, repaired.first().replace(/^y/, 'n')));
  t.false(again.final(forged.replace('c=eSws', 'c=biws')).ok);
});

const firsts: readonly (readonly [string, string, Refusal])[] = [
  ['no header', 'n=,r=abc', refusal('08P01', /malformed/)],
  ['nothing', '', refusal('08P01', /malformed/)],
  ['an unknown flag', 'z,,n=,r=abc', refusal('08P01', /malformed/)],
  ['a binding under a mechanism without', 'p=tls-server-end-point,,n=,r=abc', refusal('08P01', /malformed/)],
  ['an authorization identity', 'n,a=bob,n=,r=abc', refusal('0A000', /authorization identity/)],
  ['a mandatory extension', 'n,,m=x,n=,r=abc', refusal('0A000', /extension/)],
  ['no name', 'n,,r=abc', refusal('08P01', /malformed/)],
  ['no nonce', 'n,,n=', refusal('08P01', /malformed/)],
  ['an empty nonce', 'n,,n=,r=', refusal('08P01', /malformed/)],
  ['a nonce with a blank', 'n,,n=,r=a b', refusal('08P01', /malformed/)],
  ['a nonce that is not ASCII', 'n,,n=,r=é', refusal('08P01', /malformed/)],
  ['a NUL', 'n,,n=,r=abc\0', refusal('08P01', /malformed/)],
  ['garbage at its end', 'n,,n=,r=abc,?', refusal('08P01', /malformed/)],
];

for (const [name, message, error] of firsts) {
  test(`the server refuses a first message with ${name}`, (t) => {
    throwing(t, () => server().first(SCRAM_SHA_256, message), error);
  });
}

test('the server ignores names and optional extensions', (t) => {
  t.regex(server().first(SCRAM_SHA_256, 'n,,n=root,r=abc,x=1'), /^r=abc.{24},s=/);
});

test('the server refuses mechanisms that it does not offer, and other bindings', (t) => {
  throwing(t, () => server().first('SCRAM-SHA-1', 'n,,n=,r=abc'), refusal('08P01', /invalid SASL/));
  throwing(
    t,
    () => server().first(SCRAM_SHA_256_PLUS, 'p=tls-server-end-point,,n=,r=abc'),
    refusal('08P01', /invalid SASL/),
  );
  const bound = () => server({ channelBinding: BINDING });
  throwing(t, () => bound().first(SCRAM_SHA_256_PLUS, 'n,,n=,r=abc'), refusal('08P01', /malformed/));
  throwing(
    t,
    () => bound().first(SCRAM_SHA_256_PLUS, 'p=tls-unique,,n=,r=abc'),
    refusal('08P01', /binding type/),
  );
});

const finals: readonly (readonly [string, (good: string) => string])[] = [
  ['no proof', (good) => good.replace(/,p=.*/, '')],
  ['a proof that is not base64', (good) => good.replace(/p=..../, 'p=!!!!')],
  ['a proof in sloppy base64', (good) => `${good}=`],
  ['a short proof', (good) => good.replace(/p=.*/, 'p=AAAA')],
  ['something after its proof', (good) => `${good},x=1`],
  ['another nonce', (good) => good.replace('r=', 'r=x')],
  ['the nonce of the client alone', (good) => good.replace(/r=.{24}[^,]*/, (nonce) => nonce.slice(0, 26))],
  ['no binding data', (good) => good.replace(/^c=[^,]*,/, '')],
  ['a NUL', (good) => `${good}\0`],
];

for (const [name, spoil] of finals) {
  test(`the server refuses a final message with ${name}`, async (t) => {
    const scram = server();
    const peer = client();
    const good = await peer.final(scram.first(SCRAM_SHA_256, peer.first()));
    throwing(t, () => scram.final(spoil(good)), refusal('08P01', /malformed/));
    throwing(t, () => scram.final(good), refusal('08P01', /malformed/));
  });
}

test('the server lets nobody repeat a step or skip one', async (t) => {
  throwing(t, () => server().final(RFC.clientFinal), refusal('08P01', /malformed/));
  const scram = server();
  scram.first(SCRAM_SHA_256, RFC.clientFirst);
  throwing(t, () => scram.first(SCRAM_SHA_256, RFC.clientFirst), refusal('08P01', /malformed/));
  const used = server();
  const peer = client();
  const final = await peer.final(used.first(SCRAM_SHA_256, peer.first()));
  t.true(used.final(final).ok);
  throwing(t, () => used.final(final), refusal('08P01', /malformed/));
});

test('a proof is worth nothing in another exchange', async (t) => {
  const peer = client({ nonce: RFC.clientNonce });
  const final = await peer.final(server({ nonce: 'one' }).first(SCRAM_SHA_256, peer.first()));
  const other = server({ nonce: 'two' });
  other.first(SCRAM_SHA_256, `n,,n=,r=${RFC.clientNonce}`);
  throwing(t, () => other.final(final), refusal('08P01', /malformed/));
});

const serverFirsts: readonly (readonly [string, string])[] = [
  ['a foreign nonce', 'r=xabcdef,s=AAAA,i=4096'],
  ['the mere nonce of the client', 'r=abc,s=AAAA,i=4096'],
  ['no salt', 'r=abcdef,i=4096'],
  ['an empty salt', 'r=abcdef,s=,i=4096'],
  ['a salt that is not base64', 'r=abcdef,s=A,i=4096'],
  ['no iterations', 'r=abcdef,s=AAAA'],
  ['0 iterations', 'r=abcdef,s=AAAA,i=0'],
  ['a negative count', 'r=abcdef,s=AAAA,i=-1'],
  ['a count that is not a number', 'r=abcdef,s=AAAA,i=4096x'],
  ['more iterations than bearable', `r=abcdef,s=AAAA,i=${MAX_ITERATIONS + 1}`],
  ['a count beyond any integer', 'r=abcdef,s=AAAA,i=99999999999999999999'],
];

for (const [name, message] of serverFirsts) {
  test(`the client refuses a challenge with ${name}`, async (t) => {
    const scram = client({ nonce: 'abc' });
    scram.first();
    await rejecting(t, scram.final(message), refusal('08P01', /malformed/));
  });
}

test('the client refuses a mandatory extension, and mechanisms that it does not speak', async (t) => {
  const scram = client({ nonce: 'abc' });
  scram.first();
  await rejecting(t, scram.final('m=x,r=abcdef,s=AAAA,i=1'), refusal('0A000', /extension/));
  throwing(t, () => client({ mechanisms: ['OAUTHBEARER'] }), refusal('08P01', /OAUTHBEARER/));
  throwing(t, () => client({ mechanisms: [SCRAM_SHA_256_PLUS] }), refusal('08P01', /none of the offered/));
});

test('the client believes no server that does not know the password', async (t) => {
  for (const final of ['v=AAAA', `v=${Buffer.alloc(32).toString('base64')}`, 'e=invalid-proof']) {
    const scram = client();
    await scram.final(server().first(SCRAM_SHA_256, scram.first()));
    throwing(t, () => scram.verify(final), refusal('28000', /signature|refused: invalid-proof/));
    t.false(scram.verified);
  }
});

test('the client lets nobody skip a step', async (t) => {
  const scram = client();
  throwing(t, () => scram.verify(RFC.serverFinal), refusal('08P01', /malformed/));
  await rejecting(t, scram.final(RFC.serverFirst), refusal('08P01', /malformed/));
  t.false(scram.verified);
  scram.first();
  throwing(t, () => scram.first(), refusal('08P01', /malformed/));
});

test('a mock verifier looks real, stays the same, and lets nobody in', async (t) => {
  const shape = { iterations: 4096, saltLength: 16 };
  const secret = Buffer.alloc(32, 1);
  const mock = mockVerifier(secret, 'nobody', shape);
  t.deepEqual(mock, mockVerifier(secret, 'nobody', shape));
  t.notDeepEqual(mock.salt, mockVerifier(secret, 'nobody2', shape).salt);
  t.notDeepEqual(mock.salt, mockVerifier(Buffer.alloc(32, 2), 'nobody', shape).salt);
  t.deepEqual(
    [mock.iterations, mock.salt.length, mock.storedKey.length, mock.serverKey.length],
    [4096, 16, PENCIL.storedKey.length, PENCIL.serverKey.length],
  );
  for (const password of ['', 'pencil', 'nobody']) {
    t.false(await exchange(server({ verifier: mock }), client({ password })));
  }
});

test('keys that are known are those of the very password, salt and count', async (t) => {
  const others = [
    ['pencil', SALT, 4097],
    ['pencil2', SALT, 4096],
    ['pencil', Buffer.from('another salt'), 4096],
  ] as const;
  const keys = await knownKeys('pencil', SALT, 4096);
  t.deepEqual(keys, await deriveKeys('pencil', SALT, 4096));
  t.is(await knownKeys('pencil', SALT, 4096), keys);
  for (const [password, salt, iterations] of others)
    t.deepEqual(await knownKeys(password, salt, iterations), await deriveKeys(password, salt, iterations));
});

test('no more than the last keys are kept', async (t) => {
  const first = await knownKeys('first', SALT, 1);
  for (let number = 0; number < 64; number++) await knownKeys(`password ${number}`, SALT, 1);
  t.not(await knownKeys('first', SALT, 1), first);
});
