/** A node that is killed while it makes a role, or drops one, leaves nothing that the next does not put right. */
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import pg from 'pg';
import { startPostern } from '../../helpers/postern.ts';
import { startPostgres } from '../../helpers/postgres.ts';
import { createService } from './service.ts';

const postgres = await startPostgres();
const url = await createService(postgres, 'shop');
const postern = await startPostern({
  postgres,
  databases: { shop: url },
  config: { databases: { shop: { url, roles: 'ephemeral' } }, logLevel: 'silent' },
  child: true,
});
await postgres.query('create role bystander');
test.after.always(async () => {
  await postern.stop();
  await postgres.stop();
});

/** `true`: it can log in. */
async function rolesOf(grant: string): Promise<readonly boolean[]> {
  const rows = await postgres.query(
    `select rolcanlogin from pg_roles where starts_with(rolname, 'postern_${grant}_')`,
  );
  return rows.map(({ rolcanlogin }) => rolcanlogin === true);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}

/** Privileges on a table can't be changed by others until the holder is done. */
async function holder(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: postgres.url('shop') });
  await client.connect();
  await client.query('begin; grant references on public.orders to bystander');
  return client;
}

async function waitsForHolder(): Promise<boolean> {
  const rows = await postgres.query(
    `select from pg_stat_activity where application_name = 'postern roles' and wait_event_type = 'Lock'`,
  );
  return rows.length > 0;
}

/** Lets go, and waits until the server has noticed that the killed node is gone. */
async function letGo(client: pg.Client): Promise<void> {
  await client.query('rollback');
  await client.end();
  await until(async () => {
    const rows = await postgres.query(
      `select from pg_stat_activity where application_name = 'postern roles'`,
    );
    return rows.length === 0;
  });
}

/** As a session of the grant, on whichever port the node has now. */
async function orders(grant: { readonly url: string }): Promise<number> {
  const connection = new URL(grant.url);
  connection.port = `${postern.port}`;
  const client = new pg.Client({ connectionString: connection.href });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query('select from public.orders')).rowCount ?? -1;
  } finally {
    await client.end();
  }
}

test.serial('while it makes one', async (t) => {
  const grant = await postern.grant({ allow: ['select:public.orders'] });
  const client = await holder();
  const login = orders(grant).catch(() => {});
  await until(waitsForHolder);
  await postern.kill();
  await login;
  await letGo(client);
  t.deepEqual(await rolesOf(grant.id), [], 'half a role is none');
  await postern.restart();
  t.true((await orders(grant)) >= 0);
  t.deepEqual(await rolesOf(grant.id), [true]);
});

test.serial('while it drops one', async (t) => {
  const grant = await postern.grant({ allow: ['select:public.orders'] });
  await orders(grant);
  t.deepEqual(await rolesOf(grant.id), [true]);
  const client = await holder();
  await postern.issuer.store.revoke(grant.id, 'test');
  await until(waitsForHolder);
  t.deepEqual(await rolesOf(grant.id), [false], 'closed before it is dropped');
  await postern.kill();
  await letGo(client);
  t.deepEqual(await rolesOf(grant.id), [false]);
  await postern.restart();
  await until(async () => (await rolesOf(grant.id)).length === 0);
  await t.throwsAsync(orders(grant), { message: /was revoked/ });
});
