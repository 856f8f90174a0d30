/** Privileges as values that can be compared, and the GRANT and REVOKE statements for them. */
import pg from 'pg';

export type PrivilegeName =
  | 'SELECT'
  | 'INSERT'
  | 'UPDATE'
  | 'DELETE'
  | 'TRUNCATE'
  | 'USAGE'
  | 'EXECUTE'
  | 'CONNECT'
  | 'TEMPORARY';

/** Kinds of object as GRANT spells them; a column is granted on its table. */
export type GrantedOn = 'TABLE' | 'SEQUENCE' | 'ROUTINE' | 'SCHEMA' | 'DATABASE';

export interface Privilege {
  readonly on: GrantedOn;
  readonly oid: number;
  /** Schema-qualified and quoted, a routine's with argument types: what GRANT takes. */
  readonly object: string;
  readonly column: string | null;
  readonly name: PrivilegeName;
}

/** Of what makes two privileges the same; the name of the object is left out, since it may change. */
export function privilegeKey({
  on,
  oid,
  column,
  name,
}: Pick<Privilege, 'on' | 'oid' | 'column'> & { readonly name: string }): string {
  return JSON.stringify([on, oid, column, name]);
}

/** A statement that names more objects than this is split. */
const MOST_OBJECTS = 500;

export function grantStatements(privileges: readonly Privilege[], role: string): readonly string[] {
  return statements(privileges, (what) => `GRANT ${what} TO ${pg.escapeIdentifier(role)}`);
}

export function revokeStatements(privileges: readonly Privilege[], role: string): readonly string[] {
  return statements(privileges, (what) => `REVOKE ${what} FROM ${pg.escapeIdentifier(role)}`);
}

/** Few statements: objects that get the same privileges go together. */
function statements(privileges: readonly Privilege[], form: (what: string) => string): readonly string[] {
  const objects = Map.groupBy(privileges, ({ on, object }) => `${on} ${object}`);
  const alike = Map.groupBy(objects.values(), (some) => `${some[0]!.on} ${privilegeList(some)}`);
  return [...alike.values()].flatMap((group) => {
    const { on } = group[0]![0]!;
    const names = group.map((some) => some[0]!.object);
    return chunks(names).map((part) => form(`${privilegeList(group[0]!)} ON ${on} ${part.join(', ')}`));
  });
}

/** `INSERT, SELECT (id, full_name)`; what is held on a table and on columns of it comes as two. */
function privilegeList(privileges: readonly Privilege[]): string {
  const alike = Map.groupBy(privileges, ({ name, column }) => `${name} ${column === null}`);
  return [...alike.values()]
    .map((some) => {
      const { name } = some[0]!;
      const columns = some.flatMap(({ column }) => (column === null ? [] : [pg.escapeIdentifier(column)]));
      return columns.length === 0 ? name : `${name} (${columns.sort().join(', ')})`;
    })
    .sort()
    .join(', ');
}

function chunks(names: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(names.length / MOST_OBJECTS);
  return Array.from({ length: count }, (_, i) => names.slice(i * MOST_OBJECTS, (i + 1) * MOST_OBJECTS));
}
