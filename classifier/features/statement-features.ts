/** The features of a text by itself, in a fixed order: one row of what the statement model sees. */
import { type Token, tokensOf } from '../lexer.ts';
import { parseStatements } from '../parse.ts';
import { as, type Fields, fieldsOf, isObject, listOf, type Tree, wordsOf } from '../tree.ts';
import {
  COMMAND_FEATURES,
  type CommandFeature,
  measureCommand,
  measureCommands,
} from './command-features.ts';
import {
  CONDITION_FEATURES,
  type ConditionFeature,
  measureChoice,
  measureCondition,
  measureOperation,
  measureValue,
} from './condition-features.ts';
import { operatorOf } from './expression.ts';
import { type FeatureText, type FeatureTexts, feature, type Tally, zeros } from './feature.ts';
import {
  FUNCTION_FEATURES,
  type FunctionFeature,
  functionOf,
  measureCall,
  measureCast,
  measureChain,
  measureGathering,
  measureValueFunction,
} from './function-features.ts';
import { INNER_FEATURES, type InnerFeature, innerTokensOf, measureInner } from './inner-text.ts';
import {
  measurePrivileges,
  PRIVILEGE_FEATURES,
  type PrivilegeFeature,
  sumPrivileges,
} from './privilege-features.ts';
import {
  measureConcatenation,
  measureLookup,
  measureRelation,
  measureSelect,
  QUERY_FEATURES,
  type QueryFeature,
  type Reading,
} from './query-features.ts';
import { measureText, TEXT_FEATURES, type TextFeature } from './text-features.ts';
import { PERSONAL_WORDS, SECRET_COLUMNS } from './vocabulary.ts';

/** To be raised whenever a feature comes, goes, or counts something else: a model is of one version. */
export const FEATURE_VERSION = 4;

/** Told of a statement, and kept from the statement model: names, which differ from database to database. */
const NAME_FEATURES = {
  personalNames: feature('names of columns or relations stand for people or secrets'),
} satisfies FeatureTexts;

type NameFeature = keyof typeof NAME_FEATURES;
type Counts = Tally<StatementFeature | NameFeature>;

export type StatementFeature =
  | TextFeature
  | InnerFeature
  | ConditionFeature
  | QueryFeature
  | FunctionFeature
  | CommandFeature
  | PrivilegeFeature;

export const STATEMENT_FEATURES: FeatureTexts<StatementFeature> = {
  ...TEXT_FEATURES,
  ...INNER_FEATURES,
  ...COMMAND_FEATURES,
  ...PRIVILEGE_FEATURES,
  ...QUERY_FEATURES,
  ...CONDITION_FEATURES,
  ...FUNCTION_FEATURES,
};

export const STATEMENT_FEATURE_NAMES = Object.keys(STATEMENT_FEATURES) as readonly StatementFeature[];

export const featureText = (name: StatementFeature): FeatureText => STATEMENT_FEATURES[name];

/** Counts that may be large: their size matters, not the number. */
const BY_SIZE: readonly StatementFeature[] = [
  'selects',
  'calls',
  'relations',
  'nullColumns',
  'constantColumns',
  'innerKeywords',
];

const NOTHING: Readonly<Tally<StatementFeature | NameFeature>> = zeros({
  ...STATEMENT_FEATURES,
  ...NAME_FEATURES,
});

/** What one look at a text tells. */
export interface StatementFacts {
  readonly sql: string;
  readonly tokens: readonly Token[];
  /** null: it does not parse. */
  readonly statements: readonly Tree[] | null;
  readonly tally: Readonly<Tally<StatementFeature | NameFeature>>;
  /** Relations named, catalogs apart. */
  readonly relations: readonly string[];
  readonly catalogs: readonly string[];
  /** Words that are names of relations, columns and aliases here, in lower case: they may be keywords elsewhere. */
  readonly names: ReadonlySet<string>;
}

export function factsOf(sql: string): StatementFacts {
  const tokens = tokensOf(sql);
  const statements = parseStatements(sql, tokens);
  const tally = { ...NOTHING };
  const reading: Reading = { own: new Set(), catalog: new Set(), withNames: new Set(), names: new Set() };
  measureText(tally, sql, tokens, statements !== null);
  for (const [index, token] of tokens.entries()) measureInner(tally, innerTokensOf(token, tokens[index - 1]));
  if (statements === null) tally.parseFailed = 1;
  else {
    collectWithNames(statements, reading.withNames);
    measureCommands(tally, statements);
    for (const statement of statements) measureNode(tally, reading, statement, TOP);
  }
  finish(tally, reading);
  return {
    sql,
    tokens,
    statements,
    tally,
    relations: [...reading.own],
    catalogs: [...reading.catalog],
    names: reading.names,
  };
}

/** The values of STATEMENT_FEATURE_NAMES, in that order, in single precision as the model has them. */
export function rowOf({ tally }: Pick<StatementFacts, 'tally'>): Float32Array {
  const row = new Float32Array(STATEMENT_FEATURE_NAMES.length);
  for (let at = 0; at < row.length; at++) row[at] = tally[STATEMENT_FEATURE_NAMES[at] as StatementFeature];
  return row;
}

function finish(tally: Counts, { own, catalog }: Reading): void {
  tally.relations = own.size + catalog.size;
  if (tally.catalogTables > 0 && own.size === 0) tally.catalogInside = 0;
  sumPrivileges(tally);
  for (const name of BY_SIZE) tally[name] = Math.log2(1 + tally[name]);
}

interface Here {
  readonly level: number;
  readonly depth: number;
  readonly within: string | null;
  readonly chained: boolean;
}

const TOP: Here = { level: 0, depth: 0, within: null, chained: false };

function collectWithNames(value: unknown, names: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collectWithNames(item, names);
  else if (isObject(value))
    for (const key in value) {
      const field = value[key];
      if (key === 'CommonTableExpr') names.add(String((field as Fields).ctename).toLowerCase());
      if (typeof field === 'object') collectWithNames(field, names);
    }
}

function measureNode(tally: Counts, reading: Reading, value: unknown, here: Here): void {
  if (Array.isArray(value)) {
    for (const item of value) measureNode(tally, reading, item, here);
    return;
  }
  if (!isObject(value)) return;
  for (const key in value) {
    const field = value[key];
    if (typeof field !== 'object' || field === null) continue;
    const code = key.charCodeAt(0);
    const below = code >= 65 && code <= 90 ? measureKind(tally, reading, key, field as Fields, here) : here;
    measureNode(tally, reading, field, below);
  }
}

/** Measures one node and says what is so below it. */
function measureKind(tally: Counts, reading: Reading, kind: string, node: Fields, here: Here): Here {
  const depth = here.depth + 1;
  if (depth > tally.depth) tally.depth = depth;
  for (const name of [
    fieldsOf(node.alias).aliasname,
    node.ctename,
    kind === 'ResTarget' ? node.name : node.colname,
  ])
    if (typeof name === 'string') reading.names.add(name.toLowerCase());
  if (kind.endsWith('Stmt') || kind === 'AlterTableCmd') {
    measureCommand(tally, kind, node);
    measurePrivileges(tally, kind, node);
  }
  switch (kind) {
    case 'SelectStmt': {
      measureSelect(tally, node, here.level);
      const whole = node.whereClause === undefined && node.fromClause !== undefined;
      measureGathering(tally, listOf(node.targetList), whole);
      measureConditions(tally, node);
      for (const target of listOf(node.targetList)) measureValue(tally, as(target, 'ResTarget')?.val, false);
      return { level: here.level + 1, depth, within: null, chained: false };
    }
    case 'InsertStmt':
      measureInserted(tally, node);
      return { ...here, depth };
    case 'UpdateStmt':
    case 'DeleteStmt':
      measureConditions(tally, node);
      for (const target of listOf(node.targetList))
        if (kind === 'UpdateStmt') measureValue(tally, as(target, 'ResTarget')?.val, true);
      return { level: here.level + 1, depth, within: null, chained: false };
    case 'JoinExpr':
      measureCondition(tally, node.quals);
      return { ...here, depth };
    case 'CommonTableExpr':
      tally.commonTables++;
      return { ...here, depth, level: Math.max(0, here.level) };
    case 'RangeVar':
      measureRelation(tally, node, reading);
      reading.names.add(String(node.relname).toLowerCase());
      if (here.level > 1 && reading.catalog.has(String(node.relname).toLowerCase())) tally.catalogInside = 1;
      if (PERSONAL_WORDS.test(String(node.relname).toLowerCase())) tally.personalNames++;
      return { ...here, depth };
    case 'ColumnRef':
      measureColumn(tally, node, reading.names);
      return { ...here, depth };
    case 'A_Expr':
      measureOperation(tally, node);
      measureLookup(tally, node);
      measureConcatenation(tally, node);
      return measureOperators(tally, node, here, depth);
    case 'CaseExpr':
      measureChoice(tally, node);
      return { ...here, depth, chained: false };
    case 'TypeCast':
      measureCast(tally, node);
      return { ...here, depth };
    case 'SQLValueFunction':
      measureValueFunction(tally, node);
      return { ...here, depth };
    case 'FuncCall':
      measureCall(tally, node, here.within);
      if (node.over !== undefined) tally.windows++;
      if (listOf(node.args).some((arg) => as(arg, 'SubLink') !== null)) tally.queriesInArguments++;
      return { ...here, depth, within: functionOf(node), chained: false };
    default:
      return { ...here, depth };
  }
}

function measureOperators(tally: Counts, node: Fields, here: Here, depth: number): Here {
  const joins = operatorOf(node) === '||';
  if (joins && !here.chained) measureChain(tally, node);
  return { ...here, depth, chained: joins };
}

/** A set operation's arms are no nodes: their conditions are measured from here. */
function measureConditions(tally: Counts, node: Fields): void {
  measureCondition(tally, node.whereClause);
  measureCondition(tally, node.havingClause);
  for (const arm of [node.larg, node.rarg]) if (isObject(arm)) measureConditions(tally, arm);
}

function measureInserted(tally: Counts, node: Fields): void {
  const select = as(node.selectStmt, 'SelectStmt');
  for (const list of listOf(select?.valuesLists))
    for (const value of listOf(as(list, 'List')?.items)) {
      if (as(value, 'SubLink') !== null) tally.queriesInValues++;
      measureValue(tally, value, true);
    }
}

function measureColumn(tally: Counts, node: Fields, names: Set<string>): void {
  for (const name of wordsOf(node.fields)) {
    names.add(name);
    if (PERSONAL_WORDS.test(name)) tally.personalNames++;
    if (SECRET_COLUMNS.has(name)) tally.secretColumns++;
  }
}
