/** Audit before forward, where the disk is waited for and its client does not wait. */
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { type Committed, Committer } from '../../proxy/committer.ts';
import { Outbox } from '../../proxy/outbox.ts';
import type { AuditTrail } from '../../proxy/ports.ts';
import { startPostern } from '../helpers/postern.ts';
import { query, RawClient } from '../helpers/raw-client.ts';

test('what is queued while a commit is waited for leaves with the next', async (t) => {
  const answers: ((written: boolean) => void)[] = [];
  const trail: AuditTrail = {
    writable: true,
    append: () => {},
    commit: () => new Promise<boolean>((resolve) => answers.push(resolve)),
  };
  const committer = new Committer(trail);
  let queue = new Outbox();
  const sent: Outbox[] = [];
  const session: Committed = {
    takeQueued: () => {
      const queued = queue;
      queue = new Outbox();
      return queued;
    },
    flushUpstream: (queued) => sent.push(queued),
    trailFailed: () => t.fail(),
  };
  const first = queue;
  committer.schedule(session);
  await setImmediate();
  const second = queue;
  committer.schedule(session);
  await setImmediate();
  t.is(answers.length, 2);
  t.deepEqual(sent, []);
  answers[0]!(true);
  await setImmediate();
  t.is(sent.length, 1);
  t.is(sent[0], first);
  answers[1]!(true);
  await setImmediate();
  t.is(sent[1], second);
});

test('with fsync, statements that are sent without waiting are all run, in order, and all in the trail', async (t) => {
  const postern = await startPostern({ config: { audit: { spool: './audit', fsync: 'commit' } } });
  t.teardown(() => postern.stop());
  const grant = await postern.grant({ allow: ['select:public.*'] });
  const client = await RawClient.connect(postern.port);
  await client.login(grant);
  const numbers = Array.from({ length: 300 }, (_, index) => `${index}`);
  for (const number of numbers) {
    client.send(query(`select ${number} as n`));
    if (Number(number) % 7 === 0) await setImmediate();
  }
  const rows: string[] = [];
  for (const _ of numbers)
    for (const { type, body } of await client.receiveUntil('Z'))
      if (type === 'D') rows.push(body.toString('utf8', 6));
  t.deepEqual(rows, numbers);
  client.destroy();
  await postern.event('session.end', { grant: grant.id });
  const events = await postern.events();
  t.deepEqual(
    events.flatMap((event) => (event.type === 'statement' ? [event.sql] : [])),
    numbers.map((number) => `select ${number} as n`),
  );
});
