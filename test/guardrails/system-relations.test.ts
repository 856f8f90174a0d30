import test from 'ava';
import { secretColumns, systemRelation, systemRelationLists } from '../../guardrails/system-relations.ts';
import { column, onEachVersion, repeated } from './servers.ts';

const SYSTEM = `relnamespace::regnamespace::text in ('pg_catalog', 'information_schema') and relkind in ('r', 'v')`;

function classOf(qualified: string) {
  const [schema, name] = qualified.split('.') as [string, string];
  return systemRelation(schema, name);
}

test('every relation of the live catalogs is classified, and none is more open than PostgreSQL has it', async (t) => {
  await onEachVersion(async (server, version) => {
    const qualified = `relnamespace::regnamespace || '.' || relname`;
    const names = await column(server, `select ${qualified} from pg_class where ${SYSTEM}`);
    t.true(names.length > 200);
    t.deepEqual(
      names.filter((name) => classOf(name) === undefined),
      [],
      `unclassified on ${version}`,
    );

    const withheld = await column(
      server,
      `select ${qualified} from pg_class where ${SYSTEM} and relnamespace = 'pg_catalog'::regnamespace
       and not has_table_privilege('public', oid, 'select')`,
    );
    t.deepEqual(
      withheld.filter((name) => classOf(name) === 'open'),
      [],
      `open here, but withheld from PUBLIC by ${version} itself`,
    );

    const columns = await column(
      server,
      `select ${qualified} || '.' || attname from pg_class join pg_attribute on attrelid = pg_class.oid where ${SYSTEM}`,
    );
    for (const [relation, secret] of secretColumns) {
      t.is(classOf(relation), 'secret');
      for (const name of secret) t.true(columns.includes(`${relation}.${name}`), `${relation}.${name}`);
    }
  });
});

test('no relation stands on two lists', (t) => {
  t.deepEqual(repeated(systemRelationLists()), []);
});

test('what holds credentials, samples of data or other sessions is secret; an unknown name has no class', (t) => {
  for (const name of [
    'pg_authid',
    'pg_shadow',
    'pg_stats',
    'pg_statistic',
    'pg_stat_activity',
    'pg_largeobject',
  ]) {
    t.is(systemRelation('pg_catalog', name), 'secret');
  }
  t.is(systemRelation('information_schema', 'user_mapping_options'), 'secret');
  t.is(systemRelation('pg_catalog', 'pg_class'), 'open');
  t.is(systemRelation('information_schema', 'columns'), 'open');
  t.is(systemRelation('pg_catalog', 'pg_stat_statements'), undefined);
  t.is(systemRelation('public', 'pg_class'), undefined);
});
