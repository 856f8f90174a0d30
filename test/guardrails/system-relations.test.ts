import test from 'ava';
import { secretColumns, systemRelation, systemRelationLists } from '../../guardrails/system-relations.ts';
import { repeated } from './servers.ts';

test('only of secret relations some columns are secret', (t) => {
  for (const relation of secretColumns.keys()) {
    const [schema, name] = relation.split('.') as [string, string];
    t.is(systemRelation(schema, name), 'secret', relation);
  }
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
