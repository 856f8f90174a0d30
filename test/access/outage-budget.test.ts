import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { admitted, eventually, Fixture, MINUTE, terms } from './fixture.ts';

test('a lease waits while Redis does not answer, and is given when it does', async (t) => {
  const fixture = await Fixture.start();
  t.teardown(() => fixture.stop());
  const handle = fixture.process({ grace: MINUTE, timeout: 1000 });
  const { grant } = await handle.store.create(terms({ rows: 1000 }), MINUTE, 'carol');
  const { budget } = admitted(await fixture.enter(handle, grant.id));
  fixture.redis.pause();
  let answer: boolean | undefined;
  void budget.replenish({ rows: 1, bytes: 0 }).then((leased) => {
    answer = leased;
  });
  await sleep(1500);
  t.is(answer, undefined);
  fixture.redis.resume();
  await eventually(() => answer !== undefined);
  t.true(answer);
});

test('a lease that waits for Redis ends with its session', async (t) => {
  const fixture = await Fixture.start();
  t.teardown(() => fixture.stop());
  const handle = fixture.process({ grace: 1000, timeout: 1000 });
  const { grant } = await handle.store.create(terms({ statements: 5 }), MINUTE, 'carol');
  const ends: string[] = [];
  const { budget } = admitted(await fixture.enter(handle, grant.id, (reason) => ends.push(reason)));
  await fixture.redis.stop();
  t.false(await budget.spendStatements(1));
  await eventually(() => ends.length > 0);
  t.deepEqual(ends, ['store-lost']);
});
