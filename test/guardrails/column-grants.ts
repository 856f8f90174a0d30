/** Relations, and privileges on some of their columns, that the guardrails and PostgreSQL are both asked about. */

/** Beside them a table `orders`, of whatever columns, is expected. */
export const PARTLY_GRANTED = `
  create table customers (id int primary key, full_name text, email text, secret text);
  create table animals (id int, name text, owner text);
  create table dogs (breed text) inherits (animals);
  create table events (id int, at int, who text) partition by list (at);
  create table events_1 partition of events for values in (1);
  create view people as select id, full_name, email from customers;
  create role partly;
`;

/** Columns: none is the whole relation. */
export type ColumnGrant = readonly [action: string, relation: string, columns: string];

export const COLUMN_GRANTS: readonly ColumnGrant[] = [
  ['select', 'customers', '(id, full_name)'],
  ['insert', 'customers', '(id, full_name)'],
  ['update', 'customers', '(full_name)'],
  ['select', 'orders', ''],
  ['insert', 'orders', ''],
  ['update', 'orders', '(total)'],
  ['delete', 'orders', ''],
  ['select', 'animals', '(id, name)'],
  ['select', 'dogs', '(id, name)'],
  ['select', 'events', '(id, at)'],
  ['select', 'people', '(id, full_name)'],
];

/** As SQL for the role `partly`. */
export const grantsOf = (grants: readonly ColumnGrant[]): string =>
  grants
    .map(([action, relation, columns]) => `grant ${action} ${columns} on ${relation} to partly;`)
    .join('\n');
