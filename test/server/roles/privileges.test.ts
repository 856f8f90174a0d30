/**
 * The role of a grant against the guardrails' decisions, for generated scopes over a schema of every kind of relation: it
 * holds no privilege on anything that a statement would be denied, and every one that statements need which are allowed.
 */
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import pg from 'pg';
import { type Grant, parseGrant } from '../../../access/grant.ts';
import type { Catalog } from '../../../guardrails/catalog.ts';
import { CompiledScope, resourceName } from '../../../guardrails/scope.ts';
import { ACTIONS } from '../../../guardrails/types.ts';
import { loadCatalog } from '../../../server/catalog-loader.ts';
import type { OwnPostgres } from '../../../server/embedded/postgres.ts';
import { readGrantable } from '../../../server/roles/grantable.ts';
import { provision } from '../../../server/roles/provision.ts';
import { retire } from '../../../server/roles/retire.ts';
import { inTransaction } from '../../../server/roles/role-connection.ts';
import { RoleIdentity } from '../../../server/roles/role-identity.ts';
import { scopePrivileges } from '../../../server/roles/scope-privileges.ts';
import { decisionOn, scopeOf } from '../../guardrails/deciding.ts';
import { startPostgres } from '../../helpers/postgres.ts';
import { rounds } from '../../helpers/rounds.ts';
import { createService } from './service.ts';

const VERSIONS = [13, 18] as const;
const identity = new RoleIdentity('k'.repeat(32));

/** Lines as `scopeOf` takes them. `execute` is on routines, the rest on relations. */
const line = fc.oneof(
  fc
    .tuple(
      fc.subarray(['select', 'insert', 'update', 'delete', 'truncate'], { minLength: 1 }),
      fc.constantFrom(
        ...[
          'public.*',
          'app.*',
          '*.*',
          '!public.payments',
          '!app.*',
          '!public.customers(email)',
          'public.c*',
        ],
        ...[
          'public.customers',
          'public.customers(id,full_name)',
          'public.orders',
          'public.tickets',
          'app.child',
        ],
        ...['public.cards', 'app.cards_again', 'app.totals', 'app.numbers', 'public.events', 'app.notes(id)'],
        ...[
          '"Odd ""names".*',
          '"Odd ""names"."Table ""x"("Col ""y")',
          'public.ruled',
          'app.secrets',
          'app.bound',
        ],
        ...['public.payments(id)', 'public.customer_names', 'public.parent', 'public.orders(total,customer)'],
        ...['!app.child', 'public.coded', 'public.coded(id)', 'public.codes'],
      ),
    )
    .map(([actions, on]) => `${actions.join()}:${on}`),
  fc
    .constantFrom(
      'app.*',
      'public.calc',
      'public.calc(text)',
      'app.touch',
      'app.log',
      '!app.work',
      'app.total(integer)',
    )
    .map((on) => `execute:${on}`),
);

interface Stage {
  readonly server: OwnPostgres;
  readonly pool: pg.Pool;
  readonly catalog: Catalog;
}

for (const version of VERSIONS) {
  test(`the role of a grant is as wide as the guardrails, on PostgreSQL ${version}`, async (t) => {
    t.timeout(300_000);
    const server = await startPostgres({ version });
    const pool = new pg.Pool({ connectionString: await createService(server, 'shop'), max: 1 });
    try {
      const stage = { server, pool, catalog: await catalogOf(pool) };
      await fc.assert(
        fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 5 }), (lines) => compare(t, stage, lines)),
        { numRuns: rounds(25), includeErrorInReport: true },
      );
    } finally {
      await pool.end();
      await server.stop();
    }
  });
}

async function catalogOf(pool: pg.Pool): Promise<Catalog> {
  const client = await pool.connect();
  try {
    return await loadCatalog(client, 1);
  } finally {
    client.release();
  }
}

let grants = 0;
function grantOf(lines: readonly string[]): Grant {
  const now = Date.now();
  return parseGrant({
    id: `g${String(++grants).padStart(7, '0')}`,
    principal: { id: 'alice' },
    database: 'shop',
    scope: scopeOf(lines),
    issuedAt: new Date(now).toISOString(),
    expiresAt: new Date(now + 600_000).toISOString(),
  });
}

async function compare(t: ExecutionContext, stage: Stage, lines: readonly string[]): Promise<void> {
  const { server, pool, catalog } = stage;
  const grant = grantOf(lines);
  const role = identity.name(grant.id);
  const grantable = await inTransaction(pool, readGrantable);
  const steps = scopePrivileges(new CompiledScope(grant.scope, ACTIONS), catalog, grantable);
  let step = steps.next();
  while (!step.done) step = steps.next();
  await provision(pool, identity, grant, step.value);
  const held = new Set((await server.query(HELD.replaceAll('$1', role), 'shop')).map((row) => `${row.held}`));
  t.is(await retire(pool, identity, role), 'dropped');
  const expected = new Set(await allowed(stage, lines));
  const some = [...held];
  const wider = some.filter((privilege) => !expected.has(privilege) && !isOfUse(privilege, some));
  const narrower = [...expected].filter((privilege) => !held.has(privilege));
  if (wider.length + narrower.length > 0)
    throw new Error(`wider: ${wider.join('; ')}. Narrower: ${narrower.join('; ')}.`);
}

/** Each privilege in effect, also by way of PUBLIC, that the schema does not give to everybody. */
const HELD = `
  with relations as (
    select c.oid, c.relkind, c.relacl, format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.oid >= 16384 and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S'))
  select p || ' ' || name || '(' || attname || ')' as held
  from relations r join pg_attribute a on a.attrelid = r.oid and attnum > 0 and not attisdropped,
       unnest(array['SELECT', 'INSERT', 'UPDATE']) p
  where relkind <> 'S' and has_column_privilege('$1', r.oid, attnum, p)
  union all select p || ' ' || name from relations r, unnest(array['DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) p
  where relkind <> 'S' and has_table_privilege('$1', r.oid, p)
  union all select p || ' ' || name from relations r, unnest(array['SELECT', 'UPDATE', 'USAGE']) p
  where relkind = 'S' and has_sequence_privilege('$1', r.oid, p)
  union all select 'EXECUTE ' || p.oid::regprocedure from pg_proc p
  where p.oid >= 16384 and has_function_privilege('$1', p.oid, 'EXECUTE') and p.proname <> 'calc'
     or p.oid = 'public.calc(text)'::regprocedure and has_function_privilege('$1', p.oid, 'EXECUTE')
  union all select p || ' ' || quote_ident(nspname) from pg_namespace, unnest(array['USAGE', 'CREATE']) p
  where nspname in ('app', 'types', 'Odd "names') and has_schema_privilege('$1', oid, p)
  union all select 'CREATE shop' where has_database_privilege('$1', 'shop', 'CREATE')
  union all select 'member of ' || roleid::regrole from pg_auth_members where member = '$1'::regrole
  union all select 'attribute' from pg_roles where rolname = '$1'
            and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)`;

/** What statements would be allowed, in the same words. */
async function allowed({ server, catalog }: Stage, lines: readonly string[]): Promise<readonly string[]> {
  const scope = new CompiledScope(scopeOf(lines), ACTIONS);
  const rows = await server.query<{ schema: string; name: string; kind: string }>(RELATIONS, 'shop');
  const isAllowed = (sql: string) => decisionOn(sql, lines, { catalog }).verdict.effect === 'allow';
  const found = rows.flatMap(({ schema, name, kind }) => {
    // A policy restricts the service role there by name, which no other role would be.
    if (name === 'bound') return [];
    const table = resourceName(schema, name);
    if (kind === 'S')
      return [
        ...(isAllowed(`select last_value from ${table}`) ? [`SELECT ${table}`] : []),
        ...(isAllowed(`select setval('${table}', 1)`) ? [`UPDATE ${table}`] : []),
      ];
    const columns = catalog.relation(schema, name)!.columns;
    const whole = name === 'parent' ? `only ${table}` : table;
    const statements: readonly (readonly [string, string])[] = [
      ...columns.flatMap((column) => {
        const quoted = pg.escapeIdentifier(column);
        return [
          [`SELECT ${table}(${column})`, `select ${quoted} from ${whole}`],
          ...(kind === 'm'
            ? []
            : ([
                [`INSERT ${table}(${column})`, `insert into ${table} (${quoted}) values (null)`],
                [`UPDATE ${table}(${column})`, `update ${whole} set ${quoted} = null`],
              ] as const)),
        ] as const;
      }),
      ...(kind === 'm' ? [] : ([[`DELETE ${table}`, `delete from ${whole}`]] as const)),
      ...(kind === 'm' || kind === 'v' ? [] : ([[`TRUNCATE ${table}`, `truncate ${whole}`]] as const)),
    ];
    return statements.filter(([, sql]) => isAllowed(sql)).map(([privilege]) => privilege);
  });
  const routines = await server.query<{ schema: string; name: string; args: string; signature: string }>(
    ROUTINES,
    'shop',
  );
  const executable = routines.filter(
    ({ schema, name, args }) => scope.covers('execute', { schema, name, args }).covered,
  );
  return [...found, ...executable.map(({ signature }) => `EXECUTE ${signature}`)];
}

const RELATIONS = `
  select n.nspname as schema, c.relname as name, c.relkind::text as kind
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.oid >= 16384 and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')`;

const ROUTINES = `
  select n.nspname as schema, p.proname as name, oidvectortypes(p.proargtypes) as args, p.oid::regprocedure::text as signature
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where p.oid >= 16384 and (p.proname <> 'calc' or p.oid = 'public.calc(text)'::regprocedure)`;

const SEQUENCE_OF: Readonly<Record<string, string>> = {
  'public.customers_id_seq': 'public.customers',
  'public.orders_id_seq': 'public.orders',
  'public.tickets_id_seq': 'public.tickets',
};

/** What others that are held need: USAGE, and EXECUTE of what runs along with them. */
function isOfUse(privilege: string, held: readonly string[]): boolean {
  const has = (start: string) => held.some((other) => other.startsWith(start));
  if (privilege === 'EXECUTE app.code()')
    return /(INSERT|UPDATE) public\.coded|\w+ public\.codes\b/.test(held.join());
  if (!privilege.startsWith('USAGE ')) return false;
  const name = privilege.slice('USAGE '.length);
  const table = SEQUENCE_OF[name];
  if (table !== undefined) {
    const draws = has(`INSERT ${table}(`) || has(`UPDATE ${table}(id)`);
    return draws || (name.includes('customers') && has('INSERT public.customer_names('));
  }
  if (name === 'types') return / (public\.customers|app\.)/.test(held.join());
  return held.some((other) => other.includes(` ${name}.`));
}
