import test from 'ava';
import fc from 'fast-check';
import pg from 'pg';
import { canonicalJson } from '../../access/canonical-json.ts';
import { createScramVerifier, formatScramVerifier, parseScramVerifier } from '../../access/scram-verifier.ts';
import { Signer, SigningKeyError } from '../../access/signing.ts';
import { GRANT_ID, newGrantId, newToken } from '../../access/token.ts';
import { startPostgres } from '../helpers/postgres.ts';

test('tokens and ids have their form and do not repeat', (t) => {
  const tokens = Array.from({ length: 1000 }, newToken);
  const ids = Array.from({ length: 1000 }, newGrantId);
  for (const token of tokens) t.regex(token, /^pst_[0-9A-Za-z]{28}$/);
  for (const id of ids) t.regex(id, GRANT_ID);
  t.is(new Set(tokens).size, 1000);
  t.is(new Set(ids).size, 1000);
  t.is(new Set(tokens.join('').replaceAll('pst_', '')).size, 62, 'the whole alphabet is drawn from');
});

test('PostgreSQL itself takes the token against our verifier, and nothing else', async (t) => {
  const server = await startPostgres();
  t.teardown(() => server.stop());
  const token = newToken();
  const verifier = formatScramVerifier(await createScramVerifier(token));
  await server.query(`CREATE ROLE holder LOGIN PASSWORD '${verifier}'`);
  const login = async (password: string): Promise<string> => {
    const { host, port } = server;
    const client = new pg.Client({ host, port, user: 'holder', password, database: 'postgres' });
    await client.connect();
    const { rows } = await client.query('SELECT current_user AS who');
    await client.end();
    return rows[0].who;
  };
  t.is(await login(token), 'holder');
  await t.throwsAsync(login(`${token}x`), { message: /password authentication failed/ });
});

test('a verifier survives being written down, and is salted', async (t) => {
  const token = newToken();
  const [one, other] = await Promise.all([createScramVerifier(token), createScramVerifier(token)]);
  const text = formatScramVerifier(one);
  t.is(formatScramVerifier(parseScramVerifier(text)!), text);
  t.not(formatScramVerifier(other), text);
  t.false(text.includes(token.slice(4, 12)));
});

for (const text of [
  '',
  'SCRAM-SHA-256',
  'md5abc',
  'SCRAM-SHA-256$4096:AAAA$AAAA:AAAA',
  'SCRAM-SHA-256$1:AAAA$A:A',
]) {
  test(`no verifier: "${text}"`, (t) => t.is(parseScramVerifier(text), null));
}

test('a short signing key is refused without being told', (t) => {
  const error = t.throws(() => new Signer('hunter2'), { instanceOf: SigningKeyError });
  t.regex(error.message, /at least 32/);
  t.false(error.message.includes('hunter2'));
});

test('a signature holds for its text, use and key only', (t) => {
  const [signer, other] = [new Signer('a'.repeat(32)), new Signer('b'.repeat(32))];
  const signature = signer.sign('grant', 'text');
  t.true(signer.verify('grant', 'text', signature));
  t.false(signer.verify('grant', 'text ', signature));
  t.false(signer.verify('control', 'text', signature));
  t.false(other.verify('grant', 'text', signature));
  for (const forged of ['', `${signature}=`, signature.slice(1), signature.toLowerCase()]) {
    t.false(signer.verify('grant', 'text', forged));
  }
});

const json = fc.jsonValue({ maxDepth: 4 });

test('canonical JSON is JSON, and does not depend on the order of keys', (t) => {
  const reverse = (value: unknown): unknown =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, member]) => [key, reverse(member)]),
        )
      : value;
  fc.assert(
    fc.property(json, (value) => {
      t.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      t.is(canonicalJson(reverse(value)), canonicalJson(value));
    }),
  );
});

for (const value of [Number.NaN, Number.POSITIVE_INFINITY, undefined, { a: undefined }, 1n]) {
  test(`no JSON form: ${typeof value === 'object' ? 'an undefined member' : String(value)}`, (t) => {
    t.throws(() => canonicalJson(value), { instanceOf: TypeError });
  });
}
