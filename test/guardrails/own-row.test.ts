/** What a session may read of itself in the relations that show all sessions; nothing else may run over the others' rows. */
import test from 'ava';
import pg from 'pg';
import type { Catalog } from '../../guardrails/catalog.ts';
import { INITIAL_NAMES } from '../../guardrails/names.ts';
import { loadCatalog } from '../../server/catalog-loader.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { verdictOn } from './deciding.ts';

const SECRET = "select 'the secret of another'";

let postgres: OwnPostgres;
let client: pg.Client;
let other: pg.Client;
let catalog: Catalog;
test.before(async () => {
  postgres = await startPostgres();
  client = new pg.Client({ connectionString: postgres.url() });
  other = new pg.Client({ connectionString: postgres.url() });
  await client.connect();
  await other.connect();
  await other.query(SECRET);
  catalog = await loadCatalog(client, 1);
});
test.after.always(async () => {
  await client?.end();
  await other?.end();
  await postgres?.stop();
});

/** Everything that comes back, errors too. */
async function answer(sql: string): Promise<string> {
  try {
    return JSON.stringify(await client.query(sql));
  } catch (error) {
    return (error as Error).message;
  }
}

const GRANT = ['select,create:public.*'];
const effectOf = (sql: string) => verdictOn(sql, GRANT, { catalog }).effect;

for (const sql of [
  'select gss_authenticated, encrypted from pg_catalog.pg_stat_gssapi where pid = pg_backend_pid()',
  'select ssl, version, cipher from pg_stat_ssl where pg_backend_pid() = pid',
  'select * from pg_stat_activity a where a.pid = pg_catalog.pg_backend_pid() order by query limit 1',
  'select backend_start, query::text from pg_stat_activity where pg_stat_activity.pid = pg_backend_pid()',
  'explain select 1 from pg_stat_activity where pid = pg_backend_pid()',
])
  test.serial(`${sql} tells of nobody else`, async (t) => {
    t.notRegex(await answer(sql), /the secret of another/);
    t.is(effectOf(sql), 'allow');
  });

for (const sql of [
  'select query from pg_stat_activity',
  'select query from pg_stat_activity where pid <> pg_backend_pid()',
  'select query from pg_stat_activity where pid = pg_backend_pid() or true',
  'select a.query from pg_stat_activity a, pg_stat_activity b where b.pid = pg_backend_pid()',
  'select (select string_agg(query, $$;$$) from pg_stat_activity) from pg_stat_activity where pid = pg_backend_pid()',
  'select query from pg_stat_activity a(datid, datname, x, pid) where pid is null',
])
  test.serial(`${sql} is refused`, async (t) => {
    t.regex(await answer(sql), /the secret of another/);
    t.is(effectOf(sql), 'deny');
  });

for (const sql of [
  'select 1 from pg_stat_activity where pid = pg_backend_pid() and query::int = 1',
  'select 1 from pg_stat_activity where query::int = 1 and pid = pg_backend_pid()',
  'select 1 from pg_stat_activity where pid = pg_backend_pid() group by query having query::int = 1',
  'select 1 from (select * from pg_stat_activity where pid = pg_backend_pid()) s where query::int = 1',
  'with s as (select * from pg_stat_activity where pid = pg_backend_pid()) select 1 from s where query::int = 1',
  'create view public.own as select * from pg_stat_activity where pid = pg_backend_pid()',
  'select query from pg_stat_activity a(pid) where pid = pg_backend_pid()',
  'select passwd from pg_shadow where pid = pg_backend_pid()',
])
  test(`${sql} is refused, since conditions have no order`, (t) => {
    t.is(effectOf(sql), 'deny');
  });

test('whoever puts another schema before pg_catalog may mean another function', (t) => {
  const sql = 'select query from pg_stat_activity where pid = pg_backend_pid()';
  const names = { ...INITIAL_NAMES, paths: [['public', 'pg_catalog']] };
  t.is(verdictOn(sql, GRANT, { catalog }).effect, 'allow');
  t.is(verdictOn(sql, GRANT, { catalog, names }).effect, 'deny');
});
