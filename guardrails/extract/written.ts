/** What the arguments of a call are written as: constants and casts to types of a keyword tell. */
import type { FunctionNeed, Written } from '../facts.ts';
import type { Node, NodeOf } from './nodes.ts';
import { strings } from './walk.ts';

/** Of a call with arguments by position; undefined: nothing is told of any. */
export function writtenArguments({ args = [], func_variadic }: NodeOf<'FuncCall'>): FunctionNeed['written'] {
  if (func_variadic === true || args.some((arg) => 'NamedArgExpr' in arg)) return undefined;
  const written = args.map(writtenAs);
  return written.some((each) => each !== null) ? written : undefined;
}

/** Of the types that the grammar has keywords for, and `text`. */
const TYPES: Readonly<Record<string, Written>> = {
  'pg_catalog.int2': 'integer',
  'pg_catalog.int4': 'integer',
  'pg_catalog.int8': 'integer',
  'pg_catalog.numeric': 'numeric',
  'pg_catalog.float4': 'numeric',
  'pg_catalog.float8': 'numeric',
  'pg_catalog.bool': 'boolean',
  'pg_catalog.varchar': 'text',
  text: 'text',
};

const writtenAs = (node: Node): Written | null => {
  if ('TypeCast' in node) {
    const { names, arrayBounds, setof } = node.TypeCast.typeName ?? {};
    const plain = arrayBounds === undefined && setof === undefined;
    return (plain && TYPES[strings(names).join('.')]) || null;
  }
  if (!('A_Const' in node)) return null;
  const { ival, fval, boolval } = node.A_Const;
  if (boolval !== undefined) return 'boolean';
  if (ival !== undefined) return 'integer';
  if (fval === undefined) return null;
  return /^[0-9]+$/.test(fval.fval ?? '') ? 'integer' : 'numeric';
};
