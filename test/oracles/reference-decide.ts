/** What a scope means for one need, written down as plainly as can be: no regular expressions, no compiling, no order. */
import type { Action, Scope } from '../../guardrails/types.ts';

export interface ReferenceNeed {
  readonly action: Action;
  readonly schema: string;
  readonly name: string;
  /** The columns that are touched; null: all of them. */
  readonly columns: readonly string[] | null;
}

/** Some line allows it, for each column, and no line excludes it. */
export function referenceAllows(scope: Scope, need: ReferenceNeed): boolean {
  const patterns = scope
    .filter(({ actions }) => actions.includes(need.action))
    .flatMap(({ on }) => on.map(read));
  const matching = patterns.filter(({ schema, name }) => like(need.schema, schema) && like(need.name, name));
  const allowing = matching.filter(({ excludes }) => !excludes);
  const excluding = matching.filter(({ excludes }) => excludes);
  if (allowing.length === 0 || excluding.some(({ columns }) => columns === null)) return false;
  if (need.columns === null)
    return excluding.length === 0 && allowing.some(({ columns }) => columns === null);
  return need.columns.every(
    (column) =>
      allowing.some((pattern) => has(pattern, column)) && !excluding.some((pattern) => has(pattern, column)),
  );
}

interface Pattern {
  readonly excludes: boolean;
  readonly schema: string;
  readonly name: string;
  /** null: all */
  readonly columns: readonly string[] | null;
}

const has = ({ columns }: Pattern, column: string): boolean => columns === null || columns.includes(column);

/** `[!]schema.name[(column,column)]`, or `[!]*` */
function read(text: string): Pattern {
  const excludes = text.startsWith('!');
  const source = excludes ? text.slice(1) : text;
  const [path = '', inner] = source === '*' ? ['*.*'] : source.split('(');
  const [schema = '', name = ''] = path.split('.');
  return { excludes, schema, name, columns: inner === undefined ? null : inner.slice(0, -1).split(',') };
}

/** A name against a pattern of letters and `*`. */
function like(name: string, pattern: string): boolean {
  if (pattern === '') return name === '';
  if (pattern.startsWith('*'))
    return like(name, pattern.slice(1)) || (name !== '' && like(name.slice(1), pattern));
  return name.startsWith(pattern.slice(0, 1)) && like(name.slice(1), pattern.slice(1));
}
