/** What stands in the conditions: terms that look at no column are how injected text shows. */
import { as, type Fields, kindOf, listOf, walk } from '../tree.ts';
import { columnOf, constantOf, isArithmetic, isCondition, makeOf, operatorOf } from './expression.ts';
import { type FeatureTexts, feature, type Tally } from './feature.ts';

export const CONDITION_FEATURES = {
  constantTerms: feature('conditions compare constants with constants', 1),
  fillerTerms: feature('conditions begin with a filler (1=1, true)'),
  alwaysTrue: feature('a condition is always true by an OR', 1),
  constantTermsUnderOr: feature('an OR has a side that looks at no column', 1),
  bareConstants: feature('bare constants stand as conditions', 1),
  callTerms: feature('conditions call functions and look at no column', 1),
  queryTerms: feature('constants are compared with queries', 1),
  selfComparisons: feature('columns are compared with themselves', 1),
  conditionsAsNumbers: feature('conditions are used as numbers or strings', 1),
  comparedConditions: feature('conditions are compared with each other', 1),
  oddOperands: feature('AND or OR join what is no condition', 1),
  columnTerms: feature('conditions on columns'),
  parameterTerms: feature('conditions on parameters', -1),
  orTerms: feature('terms joined by OR'),
  constantChoices: feature('CASE decides by constants', 1),
  queryChoices: feature('CASE decides by a query', 1),
  constantCalls: feature('functions are called in conditions with constants only', 1),
  constantLists: feature('constants are looked up in constants', 1),
  prefixOperators: feature('operators other than signs stand before a value', 1),
  selfComparisonsUnderOr: feature('an OR compares a column with itself', 1),
  conditionsAsValues: feature('conditions joined by AND or OR stand where a value is written', 1),
  rowComparisons: feature('rows or lists are compared with single values', 1),
} satisfies FeatureTexts;

export type ConditionFeature = keyof typeof CONDITION_FEATURES;

/** WHERE, HAVING and ON conditions. */
export function measureCondition(tally: Tally<ConditionFeature>, condition: unknown): void {
  const terms = termsOf(condition);
  for (const [index, term] of terms.entries()) measureTerm(tally, term, index === 0);
  walk(condition, (kind, node) => measureWithin(tally, kind, node));
}

/** A value that is set, inserted, selected or looked up. */
export function measureValue(tally: Tally<ConditionFeature>, value: unknown, written: boolean): void {
  const bool = as(value, 'BoolExpr');
  if (bool === null || bool.boolop === 'NOT_EXPR') return;
  if (written) tally.conditionsAsValues++;
  measureCondition(tally, value);
}

interface Term {
  readonly expression: unknown;
  readonly underOr: boolean;
}

function termsOf(condition: unknown, underOr = false): readonly Term[] {
  const bool = as(condition, 'BoolExpr');
  if (bool === null) return condition === undefined ? [] : [{ expression: condition, underOr }];
  const or = underOr || bool.boolop === 'OR_EXPR';
  return listOf(bool.args).flatMap((arg) => termsOf(arg, or));
}

function measureTerm(tally: Tally<ConditionFeature>, { expression, underOr }: Term, first: boolean): void {
  if (underOr) tally.orTerms++;
  const make = makeOf(expression);
  if (make.columns > 0) {
    tally.columnTerms++;
    if (make.parameters > 0) tally.parameterTerms++;
    return measureSelf(tally, expression, underOr);
  }
  if (make.parameters > 0) {
    tally.parameterTerms++;
    return;
  }
  if (make.queries > 0) {
    if (make.constants > 0) tally.queryTerms++;
    else return;
  } else if (make.calls > 0) tally.callTerms++;
  else if (kindOf(expression) === 'A_Const') measureBare(tally, expression, first && !underOr);
  else if (first && !underOr && isFiller(expression)) tally.fillerTerms++;
  else tally.constantTerms++;
  if (underOr) tally.constantTermsUnderOr++;
  if (underOr && isTrue(expression)) tally.alwaysTrue = 1;
}

function measureBare(tally: Tally<ConditionFeature>, expression: unknown, filler: boolean): void {
  if ((as(expression, 'A_Const') as Fields).boolval === undefined) tally.bareConstants++;
  else if (filler) tally.fillerTerms++;
  else tally.constantTerms++;
}

function measureSelf(tally: Tally<ConditionFeature>, expression: unknown, underOr: boolean): void {
  const operation = as(expression, 'A_Expr');
  if (operation === null) return;
  const left = columnOf(operation.lexpr);
  if (left === null || left !== columnOf(operation.rexpr)) return;
  tally.selfComparisons++;
  if (underOr) tally.selfComparisonsUnderOr++;
}

function isFiller(expression: unknown): boolean {
  const operation = as(expression, 'A_Expr');
  if (operation === null || operatorOf(operation) !== '=') return false;
  const sides = `${constantOf(operation.lexpr)} ${constantOf(operation.rexpr)}`;
  return /^\{"ival":\{("ival":[01])?\}\} \{"ival":\{("ival":[01])?\}\}$/.test(sides);
}

function isTrue(expression: unknown): boolean {
  const operation = as(expression, 'A_Expr');
  if (operation === null) return as(expression, 'A_Const') !== null;
  const left = constantOf(operation.lexpr);
  return (
    left !== null &&
    ['=', '~~', '>=', '<='].includes(operatorOf(operation)) &&
    left === constantOf(operation.rexpr)
  );
}

/** Not into the queries within: each has its own conditions. */
function measureWithin(tally: Tally<ConditionFeature>, kind: string, node: Fields): boolean {
  if (kind === 'SubLink') return false;
  if (kind === 'BoolExpr') tally.oddOperands += listOf(node.args).filter(isOddOperand).length;
  else if (kind === 'A_Expr') measureOperation(tally, node);
  else if (kind === 'FuncCall' && isConstantCall(node)) tally.constantCalls++;
  return true;
}

function isOddOperand(operand: unknown): boolean {
  const operation = as(operand, 'A_Expr');
  if (operation !== null) return isArithmetic(operation) || operatorOf(operation) === '||';
  if (kindOf(operand) === 'RowExpr') return true;
  const constant = as(operand, 'A_Const');
  return constant !== null && constant.boolval === undefined;
}

function isConstantCall(call: Fields): boolean {
  const args = listOf(call.args);
  if (args.length === 0) return false;
  const { columns, parameters, queries } = makeOf(args);
  return columns + parameters + queries === 0;
}

export function measureOperation(tally: Tally<ConditionFeature>, operation: Fields): void {
  const { lexpr, rexpr } = operation;
  if (lexpr === undefined && !SIGNS.has(operatorOf(operation))) tally.prefixOperators++;
  const conditions = Number(isCondition(lexpr)) + Number(isCondition(rexpr));
  if (conditions > 0) {
    if (isArithmetic(operation) || operatorOf(operation) === '||') tally.conditionsAsNumbers++;
    else tally.comparedConditions++;
  }
  if (operation.kind === 'AEXPR_IN')
    for (const item of listOf(as(rexpr, 'List')?.items)) measureValue(tally, item, true);
  const row = kindOf(lexpr) === 'RowExpr' || kindOf(rexpr) === 'RowExpr';
  if (row && kindOf(lexpr) !== kindOf(rexpr) && operation.kind === 'AEXPR_OP') tally.rowComparisons++;
  if (operation.kind !== 'AEXPR_OP' && constantOf(lexpr) !== null && makeOf(rexpr).columns === 0)
    tally.constantLists++;
}

const SIGNS = new Set(['+', '-', '~', '@', '|/', '||/', '!!', '']);

/** A CASE anywhere: in a target, an ORDER BY, an argument. */
export function measureChoice(tally: Tally<ConditionFeature>, node: Fields): void {
  for (const branch of listOf(node.args)) {
    const { columns, parameters, queries } = makeOf(as(branch, 'CaseWhen')?.expr);
    const argued = node.arg === undefined ? 0 : makeOf(node.arg).columns;
    if (columns + parameters + argued > 0) continue;
    if (queries > 0) tally.queryChoices++;
    else tally.constantChoices++;
  }
}
