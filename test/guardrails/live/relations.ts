import { secretColumns, systemRelation, systemRelationLists } from '../../../guardrails/system-relations.ts';
import { column, type Server } from '../servers.ts';
import type { LiveCheck } from './server.ts';

const SYSTEM = `relnamespace::regnamespace::text in ('pg_catalog', 'information_schema') and relkind in ('r', 'v')`;
const QUALIFIED = `relnamespace::regnamespace || '.' || relname`;

export const listedRelations: readonly string[] = [...systemRelationLists()].flatMap(([, names]) => names);

export const presentRelations = (server: Server): Promise<readonly string[]> =>
  column(server, `select ${QUALIFIED} from pg_class where ${SYSTEM}`);

export const listedColumns: readonly string[] = [...secretColumns].flatMap(([relation, columns]) =>
  columns.map((name) => `${relation}.${name}`),
);

export const presentColumns = (server: Server): Promise<readonly string[]> =>
  column(
    server,
    `select ${QUALIFIED} || '.' || attname from pg_class join pg_attribute on attrelid = pg_class.oid where ${SYSTEM}`,
  );

export const everyRelationHasAClass: LiveCheck = async (t, server, version) => {
  const names = await presentRelations(server);
  t.true(names.length > 190);
  t.deepEqual(
    names.filter((name) => classOf(name) === undefined),
    [],
    `unclassified on ${version}`,
  );

  const withheld = await column(
    server,
    `select ${QUALIFIED} from pg_class where ${SYSTEM} and relnamespace = 'pg_catalog'::regnamespace
     and not has_table_privilege('public', oid, 'select')`,
  );
  t.deepEqual(
    withheld.filter((name) => classOf(name) === 'open'),
    [],
    `open here, but withheld from PUBLIC by ${version} itself`,
  );
};

/** What is open of a secret relation has been looked at, column by column. */
const SPARED: Readonly<Record<string, string>> = {
  'pg_catalog.pg_stat_activity': `
    datid datname pid leader_pid usesysid usename backend_start wait_event_type wait_event state backend_type`,
  'pg_catalog.pg_stat_gssapi': 'pid gss_authenticated encrypted credentials_delegated',
  'pg_catalog.pg_stat_ssl': 'pid ssl version cipher bits compression',
};

export const openColumnsOfSecretRelations: LiveCheck = async (t, server, version) => {
  const columns = await column(
    server,
    `select ${QUALIFIED} || '.' || attname from pg_class join pg_attribute on attrelid = pg_class.oid
     where ${SYSTEM} and attnum > 0`,
  );
  for (const [relation, open] of Object.entries(SPARED)) {
    const spared = columns
      .filter((name) => name.startsWith(`${relation}.`))
      .map((name) => name.slice(relation.length + 1))
      .filter((name) => secretColumns.get(relation)?.includes(name) === false);
    t.true(spared.length > 2);
    const unseen = spared.filter((name) => !open.trim().split(/\s+/).includes(name));
    t.deepEqual(unseen, [], `of ${relation} on ${version}`);
  }
};

function classOf(qualified: string) {
  const [schema, name] = qualified.split('.') as [string, string];
  return systemRelation(schema, name);
}
