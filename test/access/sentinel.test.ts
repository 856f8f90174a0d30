import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Redis } from 'ioredis';
import { createAccess } from '../../access/access.ts';
import { freePort } from '../../server/embedded/free-port.ts';
import { OwnProcess } from '../../server/embedded/own-process.ts';
import { privateDirectory } from '../../server/embedded/own-user.ts';
import { startRedis } from '../helpers/redis.ts';
import { admitted, eventually, MINUTE, SIGNING_KEY, terms } from './fixture.ts';

async function startSentinel(masterPort: number): Promise<{ port: number; server: OwnProcess }> {
  const port = await freePort();
  const directory = privateDirectory('postern-sentinel-', null);
  const file = join(directory, 'sentinel.conf');
  writeFileSync(
    file,
    `port ${port}
bind 127.0.0.1
dir ${directory}
sentinel monitor shop 127.0.0.1 ${masterPort} 1
sentinel down-after-milliseconds shop 500
sentinel failover-timeout shop 3000
`,
  );
  const server = await OwnProcess.start({
    command: 'redis-server',
    args: [file, '--sentinel'],
    directory,
    user: null,
    stopSignal: 'SIGKILL',
    reapSignal: 'KILL',
  });
  return { port, server };
}

/** By what the replica says of itself, which the sentinel asks for now and then: before, it would name none. */
async function knowsReplica(port: number): Promise<boolean> {
  const client = new Redis(port, '127.0.0.1');
  const [replica = []] = (await client.call('SENTINEL', 'REPLICAS', 'shop')) as readonly string[][];
  client.disconnect();
  const of = (name: string) => replica[replica.indexOf(name) + 1];
  return of('flags') === 'slave' && of('master-link-status') === 'ok';
}

async function replicated(masterUrl: string, replica: Redis): Promise<void> {
  const master = new Redis(masterUrl);
  const offset = async (client: Redis) =>
    /master_repl_offset:(\d+)/.exec(await client.info('replication'))?.[1];
  const written = Number(await offset(master));
  while (Number(await offset(replica)) < written) await sleep(20);
  master.disconnect();
}

test('when the master dies, Sentinel names another, sessions stay and revocation still works', async (t) => {
  const [master, replica] = [await startRedis(), await startRedis()];
  const client = new Redis(replica.url);
  await client.replicaof('127.0.0.1', master.port);
  while (!(await client.info('replication')).includes('master_link_status:up')) await sleep(50);
  const sentinel = await startSentinel(master.port);
  const handle = createAccess({
    redis: {
      kind: 'sentinel',
      timeout: 20_000,
      nodes: [{ host: '127.0.0.1', port: sentinel.port }],
      master: 'shop',
    },
    signingKey: SIGNING_KEY,
    record: () => undefined,
    grace: MINUTE,
  });
  t.teardown(async () => {
    handle.close();
    client.disconnect();
    await Promise.all([sentinel.server.stop(), master.stop(), replica.stop()]);
  });
  while (!(await handle.reachable())) await sleep(50);
  const { grant } = await handle.store.create(terms({ connections: 2 }), MINUTE, 'carol');
  const enter = async (session: string, end: (reason: string) => void) => {
    const ticket = await handle.access.find(grant.id);
    if (!ticket || 'cause' in ticket) throw new Error(ticket?.cause ?? 'no grant');
    const login = { session, grant: grant.id, database: 'shop', address: '::1', port: 1, application: null };
    return admitted(await handle.access.admit(ticket, login, end));
  };
  const ends: string[] = [];
  const first = await enter('first', (reason) => ends.push(reason));
  await replicated(master.url, client);
  while (!(await knowsReplica(sentinel.port))) await sleep(50);
  await master.stop();
  while (!(await client.info('replication')).includes('role:master')) await sleep(100);
  while (!(await handle.reachable())) await sleep(100);
  t.true(first.live());
  await enter('second', (reason) => ends.push(reason));
  t.deepEqual(ends, []);
  t.true(await handle.store.revoke(grant.id, 'bob'));
  await eventually(() => ends.length === 2);
  t.deepEqual(ends, ['revoked', 'revoked']);
});
