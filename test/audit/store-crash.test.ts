import test from 'ava';
import { crashRounds } from './crash-rounds.ts';

test('the proxy and its shipper are killed under load: store = spool = what was sent, each event once', async (t) => {
  const { kills, sent, answered, events, ...faults } = await crashRounds(3, () => {});
  t.deepEqual(faults, { missing: [], repeated: [], different: 0, whole: true });
  t.deepEqual(kills, { proxy: 1, shipper: 2 });
  t.true(answered >= 60 && sent >= answered);
  t.is(events.store, events.spool);
  t.true(events.spool > answered);
});
