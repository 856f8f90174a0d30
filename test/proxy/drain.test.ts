/** SIGTERM: nobody new, idle sessions go at once, transactions may finish, and there is an end to waiting. */
import test from 'ava';
import { startPostern } from '../helpers/postern.ts';
import { errorText, query, RawClient } from '../helpers/raw-client.ts';

const DRAIN = '3s';
const FAREWELL = '57P01 terminating connection due to administrator command';

const postern = await startPostern({ child: true, config: { drainTimeout: DRAIN } });
test.after.always(() => postern.stop());

test('SIGTERM lets transactions finish and ends what does not', async (t) => {
  const grant = await postern.grant({ allow: ['select:public.*', 'execute:pg_catalog.pg_sleep'] });
  const [idle, working, stuck] = await Promise.all(
    ['idle', 'working', 'stuck'].map(async () => {
      const client = await RawClient.connect(postern.port);
      await client.login(grant);
      return client;
    }),
  );
  for (const client of [working!, stuck!]) {
    client.send(query('begin'));
    await client.receiveUntil('Z');
  }

  process.kill(postern.pid, 'SIGTERM');
  t.deepEqual((await idle!.receiveUntil('Z')).map(errorText), [FAREWELL], 'idle: told, and closed');
  await t.throwsAsync(RawClient.connect(postern.port), { code: 'ECONNREFUSED' });

  working!.send(query("select 'still here'"));
  t.is((await working!.receiveUntil('Z')).at(-1)?.body.toString(), 'T');
  working!.send(query('commit'));
  const last = await working!.receiveUntil('nothing');
  t.deepEqual(
    last.map(({ type }) => type),
    ['C', 'Z', 'E'],
    'the end of the transaction is the end of the session',
  );

  t.deepEqual((await stuck!.receiveUntil('Z')).map(errorText), [FAREWELL], 'stuck: until the time is up');
  const ends = (await postern.events()).filter((event) => event.type === 'session.end');
  t.deepEqual(
    ends.map((event) => event.type === 'session.end' && event.reason),
    ['drain', 'drain', 'drain'],
  );
  await postern.event('node.stop', {});
});
