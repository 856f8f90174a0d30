/** What an expression is made of, without going into the queries within it. */
import { as, type Fields, isObject, kindOf, wordsOf } from '../tree.ts';

export interface Make {
  columns: number;
  /** Columns within sub-selects: they may be correlated, or not. */
  parameters: number;
  constants: number;
  calls: number;
  queries: number;
}

export function makeOf(expression: unknown): Make {
  const make: Make = { columns: 0, parameters: 0, constants: 0, calls: 0, queries: 0 };
  add(make, expression);
  return make;
}

function add(make: Make, value: unknown): void {
  if (Array.isArray(value)) {
    for (const item of value) add(make, item);
    return;
  }
  if (!isObject(value)) return;
  for (const key in value) {
    const field = value[key];
    if (typeof field !== 'object' || field === null) continue;
    if (key === 'ColumnRef') make.columns++;
    else if (key === 'ParamRef') make.parameters++;
    else if (key === 'A_Const') make.constants++;
    else if (key === 'SubLink') {
      make.queries++;
      add(make, (field as Fields).testexpr);
      continue;
    } else if (key === 'FuncCall' || key === 'SQLValueFunction') make.calls++;
    add(make, field);
  }
}

/** `42`, `'x'`, `-1`, `'x'::text`, and constants joined by operators; null: it is not constant. */
export function constantOf(expression: unknown): string | null {
  const constant = as(expression, 'A_Const');
  if (constant !== null) return JSON.stringify({ ...constant, location: undefined });
  const cast = as(expression, 'TypeCast');
  if (cast !== null) return constantOf(cast.arg);
  const operation = as(expression, 'A_Expr');
  if (operation === null || operation.kind !== 'AEXPR_OP') return null;
  const left = operation.lexpr === undefined ? '' : constantOf(operation.lexpr);
  const right = constantOf(operation.rexpr);
  return left === null || right === null ? null : `${left}${wordsOf(operation.name).join('.')}${right}`;
}

/** `a`, `t.a`: as written, folded. */
export function columnOf(expression: unknown): string | null {
  const column = as(expression, 'ColumnRef');
  return column === null ? null : wordsOf(column.fields).join('.');
}

const COMPARISONS = new Set([
  '=',
  '<>',
  '!=',
  '<',
  '>',
  '<=',
  '>=',
  '~~',
  '!~~',
  '~~*',
  '!~~*',
  '~',
  '~*',
  '!~',
  '!~*',
]);
const ARITHMETIC = new Set(['+', '-', '*', '/', '%', '^', '&', '|', '#', '<<', '>>', '&&']);

export const operatorOf = (operation: Fields): string => wordsOf(operation.name).at(-1) ?? '';

/** It gives true or false, as far as its form tells. */
export function isCondition(expression: unknown): boolean {
  switch (kindOf(expression)) {
    case 'BoolExpr':
    case 'NullTest':
    case 'BooleanTest':
      return true;
    case 'A_Expr': {
      const operation = as(expression, 'A_Expr') as Fields;
      return operation.kind !== 'AEXPR_OP'
        ? operation.kind !== 'AEXPR_NULLIF'
        : COMPARISONS.has(operatorOf(operation));
    }
    default:
      return false;
  }
}

export const isArithmetic = (operation: Fields): boolean =>
  operation.kind === 'AEXPR_OP' && ARITHMETIC.has(operatorOf(operation));
