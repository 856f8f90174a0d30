/** What is changed of a type's values is changed, and checked, in all tables that have columns of it. */
import type { Relation } from '../catalog.ts';
import { resourceName } from '../scope.ts';
import type { Judge } from './judge.ts';
import { judgeRelation, WHOLE } from './relations.ts';

const HAVE_ROWS: ReadonlySet<Relation['kind']> = new Set(['table', 'partitioned', 'materialized', 'foreign']);

/** `schema.name`: a domain or an enumeration; domains over it count too. */
export function judgeUsersOfType(judge: Judge, schema: string, name: string, seen = new Set<string>()): void {
  const type = resourceName(schema, name);
  if (seen.has(type)) return;
  seen.add(type);
  for (const user of judge.catalog.dependentsOf('type', schema, name)) {
    if (user.of === 'type') judgeUsersOfType(judge, user.schema, user.name, seen);
    else if (user.of === 'relation' && HAVE_ROWS.has(user.relation.kind)) {
      const { schema, name } = user.relation;
      const via = `it has a column of the type ${type}`;
      judgeRelation(judge, { ...WHOLE, schema, name, action: 'alter', via });
    }
  }
}
