/** Bodies of functions in SQL: a list of statements. */
import { statement } from '../extract/statement.ts';
import type { FactNeed, StatementFacts } from '../facts.ts';
import type { BodyFacts } from './body.ts';
import { type Definition, shortNodes } from './definition.ts';

/** Throws Opaque. */
export function sqlStatements({ source, atomic }: Definition): BodyFacts {
  const statements =
    source === null
      ? atomic.map((node) => bound(statement(node)))
      : shortNodes(source).map((node) => statement(node));
  return { statements, assigns: [] };
}

/** Whatever the search_path of the caller is: what is printed without a schema is PostgreSQL's own. */
const bound = (facts: StatementFacts): StatementFacts => ({ ...facts, needs: facts.needs.map(boundNeed) });

const boundNeed = (need: FactNeed): FactNeed => {
  switch (need.kind) {
    case 'relation':
    case 'operator':
    case 'type':
      return { ...need, schema: need.schema ?? 'pg_catalog' };
    case 'function':
      return need.use === 'attribute' ? need : { ...need, schema: need.schema ?? 'pg_catalog' };
    default:
      return need;
  }
};
