/** Bodies of functions in SQL: a list of statements. */
import { statement } from '../extract/statement.ts';
import type { BodyFacts } from './body.ts';
import { type Definition, shortNodes } from './definition.ts';

/** Throws Opaque. */
export function sqlStatements({ source }: Definition): BodyFacts {
  return { statements: shortNodes(source).map((node) => statement(node)), assigns: [] };
}
