/** What the upstream says last reaches its client, also where answers are passed on a little later for the sake of others. */
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import pg from 'pg';
import { type Postern, startPostern } from '../helpers/postern.ts';

let postern: Postern;

test.before(async () => {
  postern = await startPostern();
});
test.after.always(() => postern?.stop());

async function connect(): Promise<pg.Client> {
  const { url } = await postern.grant({ allow: ['select:*.*', 'execute:*'] });
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  return client;
}

test('a client that is terminated is told why, and one that errs has its error, while others send statements', async (t) => {
  const other = await connect();
  let over = false;
  const company = (async () => {
    while (!over) {
      await other.query('select 1');
      await sleep(5);
    }
  })();
  for (let round = 0; round < 10; round++) {
    const client = await connect();
    await t.throwsAsync(client.query('select 1 / 0'), { code: '22012' });
    const [{ pid }] = (await client.query('select pg_backend_pid() as pid')).rows;
    const sleeps = t.throwsAsync(client.query('select pg_sleep(60)'), { code: '57P01' });
    await postern.postgres.query(`select pg_terminate_backend(${pid})`);
    await sleeps;
  }
  over = true;
  await company;
  await other.end();
});
