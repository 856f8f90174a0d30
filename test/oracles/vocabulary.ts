/** The words of the random statements: relations and columns of schema.sql, calls by type, definitions. */
export type ColumnType = 'int' | 'text' | 'bool';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Generated, or of a type that the grammar has no values for. */
  readonly readonly?: true;
}

export interface SomeRelation {
  readonly name: string;
  readonly columns: readonly Column[];
}

const int = (name: string): Column => ({ name, type: 'int' });
const text = (name: string): Column => ({ name, type: 'text' });

/** Relations that can be written to. */
export const TABLES: readonly SomeRelation[] = [
  { name: 'app.customers', columns: [int('id'), text('name'), text('email'), int('balance')] },
  { name: 'app.orders', columns: [int('id'), int('customer_id'), int('total')] },
  {
    name: 'app.items',
    columns: [int('order_id'), text('sku'), int('qty'), { ...int('twice'), readonly: true }],
  },
  { name: 'app.notes', columns: [int('customer_id'), text('body')] },
  { name: 'app.receipts', columns: [int('order_id'), text('body')] },
  { name: 'app.tickets', columns: [int('id'), int('code'), text('title')] },
  { name: 'app.prices', columns: [int('id'), text('label')] },
  { name: 'app.events', columns: [int('id'), text('kind')] },
  { name: 'app.events_new', columns: [int('id'), text('kind')] },
  { name: 'app.animals', columns: [int('id'), text('name')] },
  { name: 'app.cats', columns: [int('id'), text('name'), int('lives')] },
  { name: 'app.v_customers', columns: [int('id'), text('name'), int('balance')] },
  { name: 'app.v_nested', columns: [int('id'), text('name')] },
  { name: 'app.v_invoker', columns: [int('id'), text('name')] },
  { name: 'app.v_instead', columns: [int('id'), text('name')] },
  { name: 'app.ruled', columns: [int('id'), text('name')] },
  { name: 'app.tenants', columns: [int('id'), text('owner')] },
  { name: 'vault.secrets', columns: [int('id'), text('value')] },
  { name: 'vault.counters', columns: [int('id'), int('n')] },
];

export const RELATIONS: readonly SomeRelation[] = [
  ...TABLES,
  { name: 'app.v_orders', columns: [int('id'), text('name'), int('total')] },
  { name: 'app.v_deep', columns: [int('id'), text('name')] },
  { name: 'app.v_calls', columns: [int('id')] },
  { name: 'app.m_totals', columns: [int('id'), int('total')] },
  { name: 'app.events_old', columns: [int('id'), text('kind')] },
  { name: 'vault.events_rest', columns: [int('id'), text('kind')] },
  { name: 'vault.lions', columns: [int('id'), text('name'), text('pride')] },
  { name: 'pg_catalog.pg_class', columns: [text('relname')] },
  { name: 'information_schema.tables', columns: [text('table_name')] },
];

/** Expressions by type; `$int` and the like stand for one of that type. */
export const CALLS: Readonly<Record<ColumnType, readonly string[]>> = {
  int: [
    '$int + $int',
    'coalesce($int, $int)',
    'case when $bool then $int end',
    'length($text)',
    '(select count(*)::integer from vault.secrets)',
    'app.secret_count()::integer',
    "app.log_entry($int, 'entry')",
    'app.count_up($int)',
    'app.dynamic_count($int)::integer',
    'app.nested_count($int)::integer',
    'app.double($int)',
    '(select app.total(n) from generate_series(1, 2) n)',
    '(select id from app.list_secrets() limit 1)',
    "nextval('app.numbers')::integer",
    "setval('app.numbers', 5)::integer",
    '(select last_value::integer from app.numbers)',
    '(table vault.counters limit 1).n',
    '(select (s).id from vault.secrets s limit 1)',
    'array_length(array(select value from vault.secrets), 1)',
  ],
  text: [
    '$text || $text',
    'upper($text)',
    'app.norm($text)',
    '$int::text',
    '($int, $text)::app.amount::text',
    '(select price::text from app.prices limit 1)',
    '$text::app.word::text',
    "query_to_xml('select * from vault.secrets', true, true, '')::text",
    '(select s::text from vault.secrets s limit 1)',
    '(select row_to_json(s)::text from vault.secrets s limit 1)',
    "concat((select string_agg(value, ',') from vault.secrets), $text)",
    '(select max(name) over () from app.v_deep limit 1)',
  ],
  bool: [
    '$bool and $bool',
    'not $bool',
    '$int = $int',
    '$text like $text',
    '$text operator(app.~~~~) $text',
    'app.is_banned($text)',
    '$int = any (array(select id from vault.secrets))',
    '($int, $text) in (select id, value from vault.secrets)',
    '$int between $int and $int',
  ],
};

/** DDL and the like. */
export const DEFINITIONS: readonly string[] = [
  'alter table app.customers add column extra integer default app.double(2)',
  'alter table app.customers alter column balance type text',
  'alter table app.animals add column extra text',
  'alter table app.events add column extra text',
  'alter table app.receipts add foreign key (order_id) references app.items (order_id)',
  'alter table vault.log add foreign key (id) references app.customers',
  'alter table app.notes disable trigger all',
  'alter table app.events detach partition app.events_old',
  'alter table vault.log inherit app.animals',
  'alter view app.v_customers rename to v_people',
  'alter table app.cats rename to felines',
  'alter table app.cats set schema vault',
  'drop table app.customers cascade',
  'drop table app.items',
  'drop view app.v_customers cascade',
  'drop schema vault cascade',
  'drop function app.whoami() cascade',
  'drop function app.double(integer) cascade',
  'drop type app.status cascade',
  'drop sequence app.customers_id_seq cascade',
  'drop domain app.word cascade',
  'drop owned by current_user',
  'create index on app.customers (name)',
  'create index on app.items (app.double(qty))',
  'create index on app.events (id)',
  'create unique index on vault.secrets (value)',
  'create table app.made (like app.customers including all)',
  'create table app.made (id integer references app.customers)',
  'create table app.made () inherits (app.cats)',
  "create table app.made partition of app.events for values from ('2030-01-01') to ('2031-01-01')",
  'create view app.made as select * from vault.secrets',
  'create or replace view app.v_customers as select id, name, balance from app.customers',
  'create materialized view app.made as select app.count_up(1)',
  'create function app.made() returns bigint language sql as $$select count(*) from vault.secrets$$',
  'create function app.made() returns bigint language sql begin atomic select count(*) from vault.secrets; end',
  'create trigger made before insert on app.notes for each row execute function app.touch()',
  'create rule made as on insert to app.notes do also delete from vault.log',
  'create policy made on app.notes using (exists (select from vault.secrets))',
  'refresh materialized view app.m_totals',
  'reindex table app.customers',
  'analyze app.customers',
  'cluster app.customers using customers_pkey',
  'lock table app.v_orders in share mode',
  'lock table app.animals',
  "comment on table app.notes is 'notes'",
  'grant select on app.notes to public',
  'create statistics app.made on id, name from app.customers',
];
