import { setTimeout as sleep } from 'node:timers/promises';
import anyTest, { type TestFn } from 'ava';
import pg from 'pg';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import type { OwnRedis } from '../../server/embedded/redis.ts';
import { type Postern, startPostern, type TestGrant } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { RawClient } from '../helpers/raw-client.ts';
import { startRedis } from '../helpers/redis.ts';

/** Two nodes behind the same address would be: one Redis, one upstream, one signing key, a process each. */
const test = anyTest as TestFn<{ postgres: OwnPostgres; redis: OwnRedis; one: Postern; two: Postern }>;
const SIGNING_KEY = 'the same on all nodes of this test.....';

test.before(async (t) => {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const node = (name: string) =>
    startPostern({ postgres, redis, child: true, signingKey: SIGNING_KEY, config: { node: name } });
  const [one, two] = await Promise.all([node('one'), node('two')]);
  Object.assign(t.context, { postgres, redis, one, two });
});

test.after.always(async ({ context: { one, two, redis, postgres } }) => {
  await Promise.all([one?.stop(), two?.stop()]);
  await Promise.all([redis?.stop(), postgres?.stop()]);
});

async function connect(node: Postern, { user, password, database }: TestGrant): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port: node.port, user, password, database });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** A CancelRequest for the client's session, to whichever node the load balancer picks. */
async function cancel(node: Postern, client: pg.Client): Promise<void> {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  const request = Buffer.alloc(16);
  [16, 80877102, processID, secretKey].forEach((word, i) => {
    request.writeInt32BE(word, 4 * i);
  });
  const raw = await RawClient.connect(node.port);
  raw.send(request);
  await raw.receive();
}

test('a cancel request reaches its session through another node', async (t) => {
  const { one, two } = t.context;
  const client = await connect(
    one,
    await one.grant({ allow: ['select:public.*', 'execute:pg_catalog.pg_sleep'] }),
  );
  const sleeping = client.query('select pg_sleep(60)');
  const failed = t.throwsAsync(sleeping, { message: /canceling statement due to user request/ });
  await sleep(200);
  await cancel(two, client);
  await failed;
  t.is((await client.query('select 1 as one')).rows[0].one, 1);
  await client.end();
});

test("a revocation ends the grant's sessions on every node", async (t) => {
  const { one, two } = t.context;
  const grant = await one.grant({ allow: ['select:public.*'] });
  const clients = await Promise.all([connect(one, grant), connect(two, grant)]);
  const ends = clients.map((client) => new Promise<void>((resolve) => client.once('end', resolve)));
  await one.issuer.store.revoke(grant.id, 'test');
  await Promise.all(ends);
  for (const node of [one, two]) await t.throwsAsync(connect(node, grant), { message: /revoked/ });
  for (const node of [one, two])
    t.is((await node.event('session.end', { grant: grant.id })).reason, 'revoked');
});

test('a total budget is one over all nodes and connections', async (t) => {
  const { one, two } = t.context;
  const grant = await one.grant({ allow: ['select:public.*'], limits: { rows: 1000 } });
  const clients = await Promise.all([one, two, one, two].map((node) => connect(node, grant)));
  let delivered = 0;
  await Promise.all(
    clients.map(async (client) => {
      for (let i = 0; i < 100; i++) {
        const result = await client
          .query('select generate_series(1, 7)')
          .catch((fault: pg.DatabaseError) => fault);
        if (result instanceof Error) t.is((result as pg.DatabaseError).code, '42501');
        else delivered += result.rows.length;
      }
    }),
  );
  t.true(delivered <= 1000);
  t.true(delivered >= 1000 - 4 * 7, `${delivered} rows were delivered whole`);
  await Promise.all(clients.map((client) => client.end()));
});

test('connections count over all nodes', async (t) => {
  const { one, two } = t.context;
  const grant = await one.grant({ allow: ['select:public.*'], limits: { connections: 2 } });
  const clients = await Promise.all([connect(one, grant), connect(two, grant)]);
  await t.throwsAsync(connect(one, grant), { message: /connection/ });
  await clients[0]!.end();
  await sleep(200);
  const again = await connect(two, grant);
  await Promise.all([again.end(), clients[1]!.end()]);
});
