/** The shape of queries: set operations, sub-selects and where they stand, catalogs, how much is read. */
import { armsOf, as, type Fields, isObject, kindOf, listOf, walk, wordsOf } from '../tree.ts';
import { columnOf, constantOf, isCondition, makeOf, operatorOf } from './expression.ts';
import { type FeatureTexts, feature, type Tally } from './feature.ts';
import { FOREIGN_CATALOGS, SECRET_CATALOGS, SECRETS } from './vocabulary.ts';

export const QUERY_FEATURES = {
  selects: feature('queries and sub-queries (log2)'),
  depth: feature('how deep the tree is'),
  setOperations: feature('queries are joined by UNION or its like'),
  constantArms: feature('an arm of a UNION gives constants only', 1),
  armsWithoutTable: feature('an arm of a UNION reads no table', 1),
  nullColumns: feature('an arm of a UNION fills up with NULLs (log2)', 1),
  constantColumns: feature(
    'an arm of a UNION without a table follows one with a table: its constant columns (log2)',
    1,
  ),
  unevenArms: feature('arms of a UNION have different numbers of columns', 1),
  plainArmAfterFilter: feature('an unfiltered arm follows a filtered one in a UNION', 1),
  catalogArm: feature('an arm of a UNION reads the catalog, another does not', 1),
  catalogTables: feature('catalog relations are read'),
  catalogInside: feature('a sub-query looks into the catalog, the query itself does not', 1),
  informationSchema: feature('information_schema is read'),
  secretCatalogs: feature('catalogs that hold secrets are read', 1),
  secretColumns: feature('passwords or credentials are read from the catalog', 1),
  foreignCatalogs: feature("another product's catalogs are read", 1),
  tablelessQueries: feature('sub-queries read no table', 1),
  queriesInValues: feature('sub-queries stand among inserted values', 1),
  queriesInOrder: feature('sub-queries stand in ORDER BY, GROUP BY or LIMIT', 1),
  queriesInArguments: feature('sub-queries are arguments of functions', 1),
  queriesInStrings: feature('results of sub-queries are put together with strings', 1),
  oneRowWalks: feature('rows are fetched one at a time by LIMIT 1 and OFFSET', 1),
  constantOrder: feature('ORDER BY or GROUP BY has an expression without columns', 1),
  ordinalBeyond: feature('ORDER BY names a column number that the query does not have', 1),
  selfCrossJoins: feature('the same relation is joined with itself without a condition', 1),
  crossJoins: feature('relations are joined without a condition', 1),
  joins: feature('joins'),
  relations: feature('relations read or written (log2)'),
  emptyQueries: feature('a query has no columns', 1),
  stars: feature('all columns are read'),
  wholeRead: feature('a relation is read without condition, grouping or limit'),
  countsOnly: feature('only counts and sums come back', -1),
  pointLookups: feature('rows are looked up by equality'),
  ranges: feature('rows are looked up by ranges'),
  limit: feature('LIMIT (log2)'),
  offset: feature('OFFSET (log2)'),
  randomOrder: feature('rows come in random order', 1),
  aggregates: feature('grouping', 0),
  windows: feature('window functions'),
  commonTables: feature('WITH queries'),
  lateral: feature('functions or VALUES stand in FROM'),
  locks: feature('rows are locked'),
} satisfies FeatureTexts;

export type QueryFeature = keyof typeof QUERY_FEATURES;

/** Where a query stands. */
export interface Place {
  /** 0: the statement itself. */
  readonly level: number;
  readonly relations: ReadonlySet<string>;
  /** Names of WITH queries: no relations. */
  readonly withNames: ReadonlySet<string>;
}

/** Relations of a statement, each told to be of the catalog or not. */
export interface Reading {
  readonly own: Set<string>;
  readonly catalog: Set<string>;
  readonly withNames: Set<string>;
  readonly names: Set<string>;
}

export function isCatalog(schema: string, name: string): boolean {
  return (
    schema === 'pg_catalog' || schema === 'information_schema' || (schema === '' && name.startsWith('pg_'))
  );
}

export function measureRelation(tally: Tally<QueryFeature>, node: Fields, reading: Reading): void {
  const schema = String(node.schemaname ?? '').toLowerCase();
  const name = String(node.relname ?? '').toLowerCase();
  if (schema === '' && reading.withNames.has(name)) return;
  if (SECRET_CATALOGS.has(name)) tally.secretCatalogs++;
  if (FOREIGN_CATALOGS.has(name) || FOREIGN_CATALOGS.has(schema)) tally.foreignCatalogs++;
  if (schema === 'information_schema') tally.informationSchema++;
  if (isCatalog(schema, name)) {
    tally.catalogTables++;
    reading.catalog.add(name);
  } else reading.own.add(schema === '' ? name : `${schema}.${name}`);
}

/** A SELECT at any place; `level` 0 for the statement's own. */
export function measureSelect(tally: Tally<QueryFeature>, select: Fields, level: number): void {
  tally.selects++;
  if (isObject(select.larg)) measureArms(tally, select, level);
  else measureArm(tally, select, level);
  measureLimit(tally, select, level);
  measureOrder(tally, select);
}

function measureArm(tally: Tally<QueryFeature>, select: Fields, level: number): void {
  const from = listOf(select.fromClause);
  const targets = listOf(select.targetList);
  if (level > 0 && from.length === 0 && targets.length > 0 && makeOf(targets).columns === 0)
    tally.tablelessQueries++;
  if (targets.length === 0 && select.valuesLists === undefined) tally.emptyQueries++;
  if (targets.some(isStar)) tally.stars++;
  if (listOf(select.groupClause).length > 0) tally.aggregates++;
  if (listOf(select.lockingClause).length > 0) tally.locks++;
  if (targets.some(isStar) && from.some(isSecret)) tally.secretColumns++;
  if (level === 0 && isWholeRead(select)) tally.wholeRead = 1;
  if (level === 0 && targets.length > 0 && targets.every(isCount)) tally.countsOnly = 1;
  measureJoins(tally, from, select.whereClause);
}

const isStar = (target: unknown): boolean =>
  listOf(as(as(target, 'ResTarget')?.val, 'ColumnRef')?.fields).some((field) => kindOf(field) === 'A_Star');

const isSecret = (item: unknown): boolean => SECRETS.has(String(as(item, 'RangeVar')?.relname).toLowerCase());

const isCount = (target: unknown): boolean => {
  const call = as(as(target, 'ResTarget')?.val, 'FuncCall');
  return call !== null && ['count', 'sum', 'min', 'max', 'avg'].includes(wordsOf(call.funcname).at(-1) ?? '');
};

function isWholeRead(select: Fields): boolean {
  const { whereClause, limitCount, groupClause, havingClause } = select;
  if (whereClause !== undefined && makeOf(whereClause).columns > 0) return false;
  if (listOf(select.fromClause).length === 0 || limitCount !== undefined) return false;
  if (groupClause !== undefined || havingClause !== undefined) return false;
  return !listOf(select.targetList).every(isCount);
}

function measureJoins(tally: Tally<QueryFeature>, from: readonly unknown[], where: unknown): void {
  const names: string[] = [];
  let bare = Math.max(0, from.length - 1);
  walk(from, (kind, node) => {
    if (kind === 'JoinExpr') {
      tally.joins++;
      if (node.quals === undefined && node.usingClause === undefined && node.isNatural !== true) bare++;
    }
    if (kind === 'RangeVar') names.push(String(node.relname));
    if (kind === 'RangeFunction') tally.lateral++;
    return kind !== 'SubLink' && kind !== 'RangeSubselect' && kind !== 'RangeFunction';
  });
  if (bare === 0 || (where !== undefined && makeOf(where).columns > 0)) return;
  tally.crossJoins += bare;
  tally.selfCrossJoins += names.length - new Set(names).size;
}

function measureArms(tally: Tally<QueryFeature>, select: Fields, level: number): void {
  const arms = armsOf(select);
  tally.setOperations += arms.length - 1;
  tally.selects += arms.length - 1;
  const widths = arms.map((arm) => widthOf(arm));
  const known = widths.filter((width) => width > 0);
  if (new Set(known).size > 1) tally.unevenArms++;
  let filtered = false;
  let tables = false;
  let catalog = 0;
  for (const arm of arms) {
    const targets = listOf(arm.targetList);
    const from = listOf(arm.fromClause);
    if (filtered && arm.whereClause === undefined) tally.plainArmAfterFilter++;
    filtered ||= arm.whereClause !== undefined;
    if (targets.length > 0 && targets.every(isConstantTarget)) tally.constantArms++;
    if (targets.length > 0 && from.length === 0) tally.armsWithoutTable++;
    if (tables && from.length === 0) tally.constantColumns += targets.filter(isFixedTarget).length;
    tables ||= from.length > 0;
    tally.nullColumns += targets.filter(isNull).length;
    if (from.some(readsCatalog)) catalog++;
    measureJoins(tally, from, arm.whereClause);
    if (targets.length === 0 && arm.valuesLists === undefined) tally.emptyQueries++;
    if (targets.some(isStar)) tally.stars++;
    if (level === 0 && isWholeRead(arm)) tally.wholeRead = 1;
    if (listOf(arm.groupClause).length > 0) tally.aggregates++;
  }
  if (catalog > 0 && catalog < arms.length) tally.catalogArm++;
}

function widthOf(arm: Fields): number {
  const targets = listOf(arm.targetList);
  return targets.some(isStar) ? 0 : targets.length;
}

const isConstantTarget = (target: unknown): boolean => constantOf(as(target, 'ResTarget')?.val) !== null;

/** No column and no parameter in it. */
function isFixedTarget(target: unknown): boolean {
  const { columns, parameters } = makeOf(as(target, 'ResTarget')?.val);
  return columns + parameters === 0;
}

const isNull = (target: unknown): boolean => as(as(target, 'ResTarget')?.val, 'A_Const')?.isnull === true;

function readsCatalog(item: unknown): boolean {
  const relation = as(item, 'RangeVar');
  if (relation === null) return false;
  const name = String(relation.relname).toLowerCase();
  return isCatalog(String(relation.schemaname ?? ''), name) || FOREIGN_CATALOGS.has(name);
}

function measureLimit(tally: Tally<QueryFeature>, select: Fields, level: number): void {
  const limit = numberOf(select.limitCount);
  const offset = numberOf(select.limitOffset);
  if (limit === 1 && offset !== null) tally.oneRowWalks++;
  if (level > 0) return;
  if (limit !== null) tally.limit = Math.max(tally.limit, Math.log2(1 + limit));
  if (offset !== null) tally.offset = Math.max(tally.offset, Math.log2(1 + offset));
}

/** Of a constant, also in quotes; a negative one counts as none. */
export function numberOf(expression: unknown): number | null {
  const constant = as(expression, 'A_Const');
  if (constant === null) return null;
  const { ival, fval, sval } = constant as { ival?: Fields; fval?: Fields; sval?: Fields };
  const value = Number(ival !== undefined ? (ival.ival ?? 0) : (fval?.fval ?? sval?.sval));
  return Number.isFinite(value) ? Math.max(0, value) : null;
}

function measureOrder(tally: Tally<QueryFeature>, select: Fields): void {
  const width = widthOf(armsOf(select)[0] ?? select);
  const order = listOf(select.sortClause).map((item) => as(item, 'SortBy')?.node);
  for (const item of [...order, ...listOf(select.groupClause)]) {
    const ordinal = as(item, 'A_Const') === null ? null : numberOf(item);
    if (ordinal !== null) {
      if (width > 0 && ordinal > width) tally.ordinalBeyond++;
      continue;
    }
    const { columns, calls, queries, constants } = makeOf(item);
    if (queries > 0) tally.queriesInOrder++;
    else if (columns === 0 && isRandom(item)) tally.randomOrder++;
    else if (columns === 0 && calls + constants > 0) tally.constantOrder++;
  }
  if (makeOf([select.limitCount ?? null, select.limitOffset ?? null]).queries > 0) tally.queriesInOrder++;
}

const isRandom = (item: unknown): boolean =>
  ['random', 'rand'].includes(wordsOf(as(item, 'FuncCall')?.funcname).at(-1) ?? '');

/** Lookups in one condition term, by its form. */
export function measureLookup(tally: Tally<QueryFeature>, operation: Fields): void {
  const column = columnOf(operation.lexpr);
  const other = makeOf(operation.rexpr);
  if (column === null || other.columns > 0 || other.queries > 0) return;
  const operator = operatorOf(operation);
  if (operation.kind === 'AEXPR_BETWEEN' || ['<', '>', '<=', '>='].includes(operator)) tally.ranges++;
  else if (operator === '=') tally.pointLookups++;
}

/** `'a' || (select ...)`, and conditions joined to strings. */
export function measureConcatenation(tally: Tally<QueryFeature>, operation: Fields): void {
  if (operatorOf(operation) !== '||') return;
  const sides = [operation.lexpr, operation.rexpr];
  if (sides.some((side) => kindOf(side) === 'SubLink' || isCondition(side))) tally.queriesInStrings++;
}
