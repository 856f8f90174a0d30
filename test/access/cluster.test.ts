import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Redis } from 'ioredis';
import { createAccess } from '../../access/access.ts';
import type { OwnRedis } from '../../server/embedded/redis.ts';
import { startRedis } from '../helpers/redis.ts';
import { admitted, eventually, MINUTE, SIGNING_KEY, terms } from './fixture.ts';

const SLOTS = 16_384;

/** Three masters that share the slots. */
async function startCluster(): Promise<readonly OwnRedis[]> {
  const nodes: OwnRedis[] = [];
  for (let i = 0; i < 3; i += 1) nodes.push(await startRedis({ 'cluster-enabled': 'yes' }));
  const clients = nodes.map(({ url }) => new Redis(url));
  for (const [i, client] of clients.entries()) {
    const [from, to] = [Math.floor((SLOTS * i) / 3), Math.floor((SLOTS * (i + 1)) / 3) - 1];
    await client.call('CLUSTER', 'ADDSLOTSRANGE', from, to);
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
  }
  for (const { port } of nodes.slice(1)) await clients[0]!.cluster('MEET', '127.0.0.1', port);
  for (const client of clients) {
    while (!(await client.cluster('INFO')).includes('cluster_state:ok')) await sleep(50);
    client.disconnect();
  }
  return nodes;
}

test('a Redis Cluster does all of it: admit, budgets, list, extend, revoke on every process, and a queue of events', async (t) => {
  const nodes = await startCluster();
  const processes = [1, 2].map(() =>
    createAccess({
      redis: {
        kind: 'cluster',
        timeout: 20_000,
        nodes: nodes.map(({ port }) => ({ host: '127.0.0.1', port })),
      },
      signingKey: SIGNING_KEY,
      record: () => undefined,
    }),
  );
  t.teardown(async () => {
    for (const handle of processes) handle.close();
    await Promise.all(nodes.map((node) => node.stop()));
  });
  const [here, there] = processes;
  const ends: string[] = [];
  const ids: string[] = [];
  for (let i = 0; i < 6; i += 1) {
    const { grant } = await here!.store.create(terms({ rows: 5000, connections: 1 }), MINUTE, 'carol');
    ids.push(grant.id);
    const ticket = await there!.access.find(grant.id);
    if (!ticket || 'cause' in ticket) throw new Error('no ticket');
    const login = {
      session: `s${i}`,
      grant: grant.id,
      database: 'shop',
      address: '::1',
      port: 1,
      application: null,
    };
    const { budget } = admitted(await there!.access.admit(ticket, login, () => ends.push(grant.id)));
    t.true(await budget.replenish({ rows: 5000, bytes: 0 }));
    const again = await here!.access.find(grant.id);
    if (!again || 'cause' in again) throw new Error('no ticket');
    t.like(await here!.access.admit(again, { ...login, session: `t${i}` }, () => undefined), {
      cause: 'connection-limit',
    });
  }
  t.deepEqual((await here!.store.list()).grants.map(({ id }) => id).sort(), [...ids].sort());
  t.is((await here!.registry.list()).length, 6);
  for (const id of ids) {
    const more = { until: Date.now() + 2 * MINUTE, request: 'r0000001', approvedBy: [] };
    t.not(await here!.store.extend(id, more, 'dana'), null);
    t.true(await here!.events.add(id, 'a', { id: 'e', body: '{}' }));
    const claim = await there!.events.claim(id, MINUTE);
    t.is(claim?.event?.id, 'e');
    t.true(await there!.events.done(claim!));
  }
  await sleep(1200); // some checks
  t.deepEqual(ends, []);
  for (const id of ids) t.true(await here!.store.revoke(id, 'bob'));
  t.true((await eventually(() => ends.length === ids.length)) < 1000);
});
