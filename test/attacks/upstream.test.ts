/** An upstream that is not there, goes away, or comes back. */
import test from 'ava';
import { startPostern } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { errorText, query, RawClient } from '../helpers/raw-client.ts';

const postgres = await startPostgres();
const postern = await startPostern({
  postgres,
  databases: { postgres: postgres.url(), nowhere: 'postgresql://postern:hidden-word@127.0.0.1:1/nowhere' },
});
test.after.always(async () => {
  await postern.stop();
  await postgres.stop();
});

test('an upstream that is out of reach is told as such, and nothing of where it is', async (t) => {
  const grant = await postern.grant({ allow: ['select:public.*'], database: 'nowhere' });
  const client = await RawClient.connect(postern.port);
  await t.throwsAsync(client.login(grant), {
    message: /^login refused: 08001 could not connect to database "nowhere" upstream$/,
  });
  const { cause, message } = await postern.event('login.refused', { grant: grant.id });
  t.is(cause, 'upstream');
  t.notRegex(message, /hidden-word|127\.0\.0\.1/);
});

test('a backend that is terminated in the middle of a result ends its session alone', async (t) => {
  const grant = await postern.grant({ allow: ['select:public.*'] });
  const client = await RawClient.connect(postern.port);
  await client.login(grant);
  const { backendPid } = await postern.event('session.start', { grant: grant.id });
  client.send(query('select generate_series(1, 100000000)'));
  await client.receiveUntil('D');
  await postgres.query(`select pg_terminate_backend(${backendPid})`);
  const last = (await client.receiveUntil('E')).at(-1)!;
  // A backend that was blocked in the middle of a message closes without a word, and so does the proxy then.
  if (last.type === 'E') t.regex(errorText(last), /^(57P01 terminating connection|08006 )/);
  t.is(await client.receive(), null);
  t.is((await postern.event('session.end', { grant: grant.id })).reason, 'upstream');
  const another = await RawClient.connect(postern.port);
  await t.notThrowsAsync(another.login(grant));
  another.destroy();
});
