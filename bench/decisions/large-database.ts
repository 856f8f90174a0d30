/** A database of any number of relations, in the proportions of an application's: to measure the catalog's cost by. */
import type pg from 'pg';

/** Relations that one unit makes, without the toast tables. */
export const RELATIONS_PER_UNIT = 10;
const UNITS_PER_SCHEMA = 100;
const UNITS_PER_TRANSACTION = 20;

/** The first unit's schema and tables, which are there in a database of any size. */
export const FIRST_SCHEMA = 'app_0';

/** Makes at least `relations` of them, in schemas `app_0`, `app_1`, ... Takes about two minutes for a hundred thousand. */
export async function fillDatabase(client: pg.Client, relations: number): Promise<void> {
  const units = Math.ceil(relations / RELATIONS_PER_UNIT);
  for (let first = 0; first < units; first += UNITS_PER_TRANSACTION) {
    const last = Math.min(units, first + UNITS_PER_TRANSACTION);
    await client.query(Array.from({ length: last - first }, (_, i) => unit(first + i)).join(''));
  }
  await client.query('vacuum analyze');
}

/** Three tables, three primary keys, a sequence, two indexes, a view; eight columns a table. */
function unit(n: number): string {
  const schema = `app_${Math.floor(n / UNITS_PER_SCHEMA)}`;
  const [customers, orders, items] = ['customers', 'orders', 'items'].map((name) => `${schema}.${name}_${n}`);
  return `
    create schema if not exists ${schema};
    create table ${customers} (id bigserial primary key, name text, email text, city text, note text,
      active boolean default true, created_at timestamptz default now(), updated_at timestamptz);
    create table ${orders} (id bigint primary key, customer_id bigint references ${customers}, status text, total numeric,
      note text, reviewer_id bigint, created_at timestamptz default now(), updated_at timestamptz);
    create table ${items} (order_id bigint references ${orders} on delete cascade, line integer, product_id bigint,
      quantity integer check (quantity > 0), price numeric, note text, created_at timestamptz, updated_at timestamptz,
      primary key (order_id, line));
    create index on ${orders} (customer_id);
    create index on ${items} (product_id);
    create view ${schema}.report_${n} as select o.id, o.total, c.name from ${orders} o join ${customers} c on c.id = o.customer_id;
    `;
}
