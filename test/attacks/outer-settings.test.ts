/** What someone changes beside the proxy: on a server of its own, since it meets every session that begins. */
import test from 'ava';
import pg from 'pg';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { type Postern, startPostern } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';

let postgres: OwnPostgres;
let postern: Postern;
test.before(async () => {
  postgres = await startPostgres();
  await postgres.query(`
    create table public.orders (what text);
    insert into public.orders values ('open');
    create schema app;
    create table app.orders (what text);
    insert into app.orders values ('secret');
  `);
  postern = await startPostern({ postgres });
});
test.after.always(async () => {
  await postern?.stop();
  await postgres?.stop();
});

async function connected(use: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const { url } = await postern.grant({ allow: ['select:public.*'] });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}

test('search_path that someone changes for the role or database from outside', async (t) => {
  const read = (client: pg.Client) =>
    client.query('select what from orders').then(
      ({ rows }) => rows[0].what,
      (error: pg.DatabaseError) => error.code,
    );
  await connected(async (before) => {
    t.is(await read(before), 'open');
    for (const whose of ['role postgres', 'database postgres']) {
      await postgres.query(`alter ${whose} set search_path = app, public`);
      // Each session reads what its own start made of the name, or is refused.
      for (let time = 0; time < 3; time++) {
        t.is(await read(before), 'open', whose);
        await connected(async (after) => t.not(await read(after), 'secret', whose));
        await before.query('select * from public.nothing_of_that_name').catch(() => {}); // has the catalog looked at again
      }
      await postgres.query(`alter ${whose} reset search_path`);
    }
  });
});
