/** The life of grants' roles through proxies: made, shared, brought up to date, dropped; also by crashes and all at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Redis } from 'ioredis';
import pg from 'pg';
import { retire } from '../../../server/roles/retire.ts';
import { RoleIdentity } from '../../../server/roles/role-identity.ts';
import { startPostern } from '../../helpers/postern.ts';
import { startPostgres } from '../../helpers/postgres.ts';
import { startRedis } from '../../helpers/redis.ts';
import { createService, SERVICE } from './service.ts';

const signingKey = 'the same on all nodes of a cluster';
const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
const url = await createService(postgres, 'shop');
await postgres.query(`
  alter role ${SERVICE} set statement_timeout = '7s'; alter role ${SERVICE} in database shop set datestyle = 'SQL, DMY'`);
const common = { postgres, redis, signingKey, databases: { shop: url } };
await postgres.query(`create role owner login createrole password 'owner'`);
await postgres.query(
  'grant create on schema public to owner; alter table public.orders owner to owner',
  'shop',
);
const walled = {
  shop: { url, roles: 'ephemeral' },
  ddl: { url, roles: 'ephemeral-or-service' },
  superuser: { url: postgres.url('shop'), roles: 'ephemeral' },
  owner: { url: `postgresql://owner:owner@127.0.0.1:${postgres.port}/shop`, roles: 'ephemeral' },
};
const [here, other] = await Promise.all([
  startPostern({ ...common, config: { databases: walled, logLevel: 'silent' } }),
  startPostern({ ...common, config: { databases: walled, workers: 2, logLevel: 'silent' }, child: true }),
]);
test.after.always(async () => {
  await Promise.all([here.stop(), other.stop()]);
  await Promise.all([postgres.stop(), redis.stop()]);
});

/** Roles of that grant that there are. */
async function rolesOf(grant: string): Promise<readonly string[]> {
  const rows = await postgres.query(
    `select rolname from pg_roles where starts_with(rolname, 'postern_${grant}_')`,
  );
  return rows.map(({ rolname }) => String(rolname));
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}

async function connect(connection: string): Promise<pg.Client> {
  const client = new pg.Client(connection);
  client.on('error', () => {});
  await client.connect();
  return client;
}

const at = (node: typeof here, grant: { readonly url: string }): string => {
  const connection = new URL(grant.url);
  connection.port = `${node.port}`;
  return connection.href;
};

async function values(client: pg.Client, sql: string): Promise<readonly unknown[]> {
  const { rows } = await client.query({ text: sql, rowMode: 'array' });
  return rows.flat();
}

test.serial(
  'one role for all sessions of a grant, however many nodes and workers make it at once',
  async (t) => {
    const grant = await here.grant({ allow: ['select:public.*'], limits: { connections: 12 } });
    const connections = [here, other, here, other, other, other].map((node) => connect(at(node, grant)));
    const clients = await Promise.all(connections);
    const users = await Promise.all(
      clients.map((client) => values(client, 'select current_user, session_user')),
    );
    t.deepEqual([...new Set(users.flat())], await rolesOf(grant.id));
    await Promise.all(clients.map((client) => client.end()));
  },
);

test.serial('many grants at once', async (t) => {
  const grants = await Promise.all(
    Array.from({ length: 8 }, () => here.grant({ allow: ['select,update:*.*'] })),
  );
  const clients = await Promise.all(
    grants.flatMap((grant) => [connect(at(here, grant)), connect(at(other, grant))]),
  );
  const counts = await Promise.all(
    clients.map((client) => values(client, 'select count(*)::int from orders')),
  );
  t.deepEqual([...new Set(counts.flat())], [0]);
  await Promise.all(clients.map((client) => client.end()));
  await Promise.all(grants.map(({ id }) => here.issuer.store.revoke(id, 'test')));
  for (const { id } of grants) await until(async () => (await rolesOf(id)).length === 0);
});

test.serial('PostgreSQL itself refuses what the scope does not have', async (t) => {
  const grant = await here.grant({ allow: ['select:public.customers(id)', 'insert:public.tickets'] });
  const client = await connect(grant.url);
  const [role] = await values(client, 'select current_user');
  t.deepEqual(await values(client, 'select id from customers'), []);
  t.deepEqual((await client.query(`insert into tickets (title) values ('x')`)).rowCount, 1);
  for (const sql of [
    'select full_name from public.customers',
    'select * from public.customers',
    'select id from public.tickets',
    'delete from public.tickets',
    'update public.tickets set title = null',
    'create table public.mine ()',
    'alter table public.tickets add extra int',
    'drop table public.tickets',
    'truncate public.tickets',
    'set role postern',
    `copy public.tickets to program 'true'`,
  ]) {
    const refused = postgres.query(`set session authorization "${role}"; ${sql}`, 'shop');
    t.regex((await t.throwsAsync(refused, undefined, sql)).message, /permission denied|must be owner/, sql);
  }
  await client.end();
});

test.serial('sessions are set up as for the service role', async (t) => {
  const grant = await here.grant({ allow: ['select:public.*'] });
  const client = await connect(grant.url);
  t.deepEqual(await values(client, 'show statement_timeout'), ['7s']);
  t.deepEqual(await values(client, 'show datestyle'), ['SQL, DMY']);
  await client.end();
});

test.serial('a role does not get what its service role may not pass on', async (t) => {
  await postgres.query('create table public.unshared (); grant select on public.unshared to postern', 'shop');
  await postgres.query('revoke grant option for all on public.unshared from postern', 'shop');
  const grant = await here.grant({ allow: ['select:public.*'] });
  const client = await connect(grant.url);
  await t.throwsAsync(client.query('table public.unshared'), {
    message: /^permission denied for table unshared/,
  });
  await client.end();
});

test.serial('what comes to be under a pattern while a session is open is in its role', async (t) => {
  const grant = await here.grant({ allow: ['select:public.*'] });
  const clients = await Promise.all([connect(grant.url), connect(at(other, grant))]);
  await postgres.query(
    'create table public.newcomer (id int); insert into public.newcomer values (1)',
    'shop',
  );
  for (const client of clients) t.deepEqual(await values(client, 'select id from newcomer'), [1]);
  await Promise.all(clients.map((client) => client.end()));
});

test.serial('what leaves the scope leaves the role', async (t) => {
  await postgres.query('create view public.harmless as select 1 as card', 'shop');
  const grant = await here.grant({ allow: ['select:public.*'], deny: ['select:public.payments'] });
  const client = await connect(grant.url);
  t.deepEqual(await values(client, 'select card from harmless'), [1]);
  const [role] = await rolesOf(grant.id);
  const reads = async () => {
    const [row] = await postgres.query(
      `select has_table_privilege('${role}', 'harmless', 'select') as it`,
      'shop',
    );
    return row!.it === true;
  };
  t.true(await reads());
  await postgres.query(
    'drop view public.harmless; create view public.harmless as select card from payments',
    'shop',
  );
  await postgres.query('grant select on public.harmless to postern with grant option', 'shop');
  await until(async () => {
    await client.query('select 1 from harmless').catch(() => {});
    return !(await reads());
  });
  await client.end();
  t.false(await reads());
});

test.serial('a revoked grant leaves nothing, not even on the other nodes', async (t) => {
  const grant = await here.grant({ allow: ['select:public.*'] });
  const clients = await Promise.all([connect(grant.url), connect(at(other, grant))]);
  const [role] = await rolesOf(grant.id);
  const password = 'not known to anybody';
  const ended = clients.map((client) => new Promise((resolve) => client.once('end', resolve)));
  await here.issuer.store.revoke(grant.id, 'test');
  await Promise.all(ended);
  await until(async () => (await rolesOf(grant.id)).length === 0);
  await t.throwsAsync(connect(grant.url), { message: /was revoked/ });
  await t.throwsAsync(connect(`postgresql://${role}:${password}@127.0.0.1:${postgres.port}/shop`), {
    message: /authentication failed/,
  });
  const [dropped] = (await Promise.all([here.events(), other.events()]))
    .flat()
    .filter((event) => event.type === 'role.drop' && event.grant === grant.id);
  t.like(dropped, { role, cause: 'revoked', database: 'shop' });
});

for (const database of ['superuser', 'owner']) {
  test.serial(`the ${database} as the service role`, async (t) => {
    const allow = ['select:public.orders', 'update:public.orders(total)'];
    const grant = await here.grant({ database, allow });
    const client = await connect(grant.url);
    const [role] = await rolesOf(grant.id);
    t.deepEqual(await values(client, 'select current_user'), [role]);
    t.deepEqual(await values(client, 'update orders set total = 1 returning id'), []);
    for (const sql of ['delete from public.orders', 'update public.orders set customer = 1']) {
      const refused = postgres.query(`set session authorization "${role}"; ${sql}`, 'shop');
      await t.throwsAsync(refused, { message: /permission denied/ });
    }
    await here.issuer.store.revoke(grant.id, 'test');
    await until(async () => (await rolesOf(grant.id)).length === 0);
  });
}

test.serial('a revocation of which nobody is told leaves nothing either', async (t) => {
  const grant = await here.grant({ allow: ['select:public.*'] });
  const client = await connect(grant.url);
  const ended = new Promise((resolve) => client.once('end', resolve));
  t.is((await rolesOf(grant.id)).length, 1);
  const store = new Redis(redis.url);
  await store.del(`postern:{${grant.id}}:grant`);
  await store.quit();
  await ended;
  await until(async () => (await rolesOf(grant.id)).length === 0);
});

test.serial('an expired grant leaves nothing', async (t) => {
  const grant = await here.grant({ allow: ['select:public.*'], ttl: 5_000 });
  const client = await connect(grant.url);
  const [role] = await rolesOf(grant.id);
  t.is(await values(client, 'select current_user').then(([user]) => user), role);
  await new Promise((resolve) => client.once('end', resolve));
  await until(async () => (await rolesOf(grant.id)).length === 0);
  t.deepEqual(await rolesOf(grant.id), []);
});

test.serial('the role of a grant that is extended lives on with it', async (t) => {
  const grant = await here.grant({ allow: ['select:public.*'], ttl: 60_000 });
  const extend = async (minutes: number): Promise<() => Promise<boolean>> => {
    const more = { until: Date.now() + minutes * 60_000, request: 'r0000001', approvedBy: [] };
    const end = (await here.issuer.store.extend(grant.id, more, 'test'))?.expiresAt;
    const roles = `from pg_roles where starts_with(rolname, 'postern_${grant.id}_') and rolvaliduntil = '${end}'
      and strpos(shobj_description(oid, 'pg_authid'), 'until ${end} ') > 0`;
    return async () => (await postgres.query(`select ${roles}`)).length === 1;
  };
  const client = await connect(grant.url);
  await until(await extend(10)); // by the process that has the session
  await client.end();
  const isExtended = await extend(20);
  const again = await connect(at(other, grant)); // by the login
  t.true(await isExtended());
  t.deepEqual(await values(again, 'select count(*)::int from orders'), [0]);
  await again.end();
});

test.serial('what a killed node leaves behind is collected by the next', async (t) => {
  const node = await startPostern({
    ...common,
    config: { databases: walled, logLevel: 'silent' },
    child: true,
  });
  const [expiring, revoked, lasting] = await Promise.all([
    node.grant({ allow: ['select:public.*'], ttl: 6_000 }),
    node.grant({ allow: ['select:public.*'] }),
    node.grant({ allow: ['select:public.*'] }),
  ]);
  for (const grant of [expiring, revoked, lasting]) await (await connect(grant.url)).query('select 1');
  await node.kill();
  await here.issuer.store.revoke(revoked.id, 'test');
  await until(async () => (await here.issuer.store.get(expiring.id)) === null);
  await postgres.query(`create role postern_g0000000_00000000 nologin`);
  await postgres.query(`comment on role postern_g0000000_00000000 is 'Postern: somebody says so'`);
  await node.restart();
  for (const { id } of [expiring, revoked]) await until(async () => (await rolesOf(id)).length === 0);
  t.is((await rolesOf(lasting.id)).length, 1);
  t.deepEqual(await rolesOf('g0000000'), ['postern_g0000000_00000000']);
  await (await connect(at(node, lasting))).end();
  await node.stop();
});

test.serial('a role that somebody has dropped, or widened, is not used', async (t) => {
  const grant = await here.grant({ allow: ['select:public.*'] });
  await (await connect(grant.url)).end();
  const [role] = await rolesOf(grant.id);
  await postgres.query(`set role ${SERVICE}; drop owned by "${role}"; drop role "${role}"`, 'shop');
  // Whoever finds it gone is refused; it is made again for the next at the latest.
  await connect(grant.url).then(
    (client) => client.end(),
    () => {},
  );
  await (await connect(grant.url)).end();
  await postgres.query(`grant pg_read_all_data to "${role}"`);
  await t.throwsAsync(connect(at(other, grant)), { message: /upstream|could not|reach/i });
  await here.issuer.store.revoke(grant.id, 'test');
  await until(async () => (await rolesOf(grant.id)).length === 0);
});

test.serial('what a role changes of itself is put back, and does not keep it', async (t) => {
  const grant = await here.grant({ allow: ['select:public.*'] });
  await (await connect(grant.url)).end();
  const [role] = await rolesOf(grant.id);
  const change = `
    set session authorization "${role}";
    alter role current_user password 'known';
    alter role current_user set statement_timeout = 0;
    alter role current_user in database shop set datestyle = 'German';
    alter role current_user set standard_conforming_strings = off;
    alter default privileges grant select on tables to public`;
  await postgres.query(change, 'shop');
  const again = await connect(at(other, grant)); // it was not there when the role was made
  t.deepEqual(await values(again, 'show statement_timeout'), ['7s']);
  t.deepEqual(await values(again, 'show datestyle'), ['SQL, DMY']);
  await again.end();
  await t.throwsAsync(connect(`postgresql://${role}:known@127.0.0.1:${postgres.port}/shop`), {
    message: /authentication failed/,
  });
  await postgres.query(change, 'shop');
  await t.throwsAsync(connect(grant.url));
  await (await connect(grant.url)).end(); // a login that failed is what makes it look again
  await here.issuer.store.revoke(grant.id, 'test');
  await until(async () => (await rolesOf(grant.id)).length === 0);
});

test.serial('nobody can keep roles from being made by taking the lock that they take turns by', async (t) => {
  await postgres.query(`create role squatter login password 'squatter'`);
  const squatter = await connect(`postgresql://squatter:squatter@127.0.0.1:${postgres.port}/shop`);
  await squatter.query(`select pg_advisory_lock(x'706f7374'::int, x'65726e31'::int)`);
  const grant = await here.grant({ allow: ['select:public.*'] });
  const client = await connect(grant.url);
  t.deepEqual(await values(client, 'select current_user'), await rolesOf(grant.id));
  const [held] = await values(squatter, `select count(*)::int from pg_locks where locktype = 'advisory'`);
  t.is(held, 1, 'it is still taken');
  await client.end();
  await squatter.end();
});

test.serial('a grant that is revoked while nodes are making its role leaves nothing', async (t) => {
  for (let round = 0; round < 4; round++) {
    const grant = await here.grant({ allow: ['select:*.*'] });
    const logins = [here, other, other, here].map((node) => connect(at(node, grant)));
    const ends = logins.map((login) =>
      login.then(
        (client) => client.end(),
        () => {},
      ),
    );
    if (round > 1) await Promise.race(logins).catch(() => {});
    if (round % 2 === 1) await until(async () => (await rolesOf(grant.id)).length > 0);
    await here.issuer.store.revoke(grant.id, 'test');
    await Promise.all(ends);
    await t.throwsAsync(connect(grant.url), { message: /was revoked/ });
    await until(async () => (await rolesOf(grant.id)).length === 0);
  }
});

test.serial('a table that a session has locked keeps grants on others from nothing', async (t) => {
  const [locking, covering, waiting] = await Promise.all(
    ['select,update:public.orders', 'select:public.*', 'select:public.customers'].map((line) =>
      here.grant({ allow: [line] }),
    ),
  );
  const holder = await connect(locking!.url);
  await holder.query('begin; lock table orders in access exclusive mode');
  const covered = connect(covering!.url); // its role has to wait, from PostgreSQL 18 on
  const client = await connect(waiting!.url);
  t.deepEqual(await values(client, 'select count(*)::int from customers'), [0]);
  await holder.query('rollback');
  t.deepEqual(await values(await covered, 'select count(*)::int from orders'), [0]);
  await Promise.all([holder, client, await covered].map((each) => each.end()));
});

test.serial('a grant that no privileges stand for', async (t) => {
  const allow = ['select,alter:public.*'];
  const refused = await here.grant({ allow });
  await t.throwsAsync(connect(refused.url), {
    code: '0A000',
    message: /allows alter, for which database "shop" has no role/,
  });
  const shared = await here.grant({ allow, database: 'ddl' });
  const client = await connect(shared.url);
  t.deepEqual(await values(client, 'select current_user'), [SERVICE]);
  await client.end();
});

test.serial('a role that owns something is closed, not dropped', async (t) => {
  const grant = await here.grant({ allow: ['select:public.*'] });
  await (await connect(grant.url)).end();
  const [role] = await rolesOf(grant.id);
  await postgres.query(`create table public.owned (); alter table public.owned owner to "${role}"`, 'shop');
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  t.is(await retire(pool, new RoleIdentity(signingKey), role!), 'owner');
  await pool.end();
  const [left] = await postgres.query(`select rolcanlogin from pg_roles where rolname = '${role}'`);
  t.deepEqual({ ...left }, { rolcanlogin: false });
  await t.throwsAsync(connect(at(other, grant)), { message: /role|upstream/ });
  await postgres.query('drop table public.owned', 'shop');
});
