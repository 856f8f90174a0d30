/** What kind of command each statement of a text is, and what it changes. */
import { as, type Fields, fieldsOf, kindOf, listOf, type Tree, wordsOf } from '../tree.ts';
import { columnOf, makeOf, operatorOf } from './expression.ts';
import { type FeatureTexts, feature, type Tally } from './feature.ts';
import { isCatalog } from './query-features.ts';
import { RANSOM_NAMES, TRAILS } from './vocabulary.ts';

export const COMMAND_FEATURES = {
  statements: feature('statements in one text'),
  stackedAfterQuery: feature('another command follows a query in one text', 1),
  stackedKinds: feature('different kinds of commands in one text', 1),
  isSelect: feature('a query'),
  isInsert: feature('an INSERT'),
  isUpdate: feature('an UPDATE'),
  isDelete: feature('a DELETE'),
  isUtility: feature('transaction control, SET, SHOW or the like'),
  isDefinition: feature('objects are created or altered'),
  maintains: feature('indexes, statistics, comments or storage are looked after', -1),
  isDrop: feature('objects are dropped'),
  changesAll: feature('UPDATE or DELETE changes all rows', 0),
  deletesAll: feature('DELETE without a condition, or one that is always true', 0),
  joinedDelete: feature('DELETE is joined without a condition', 1),
  truncates: feature('relations are truncated', 0),
  dropsTables: feature('tables are dropped', 0),
  dropsDatabases: feature('databases or schemas are dropped', 0),
  dropsByForce: feature('a database is dropped though others use it, or all that a role owns', 1),
  dropsMinor: feature('indexes, functions, views or constraints are dropped', -1),
  dropsGuards: feature('policies, triggers or rules are dropped', 1),
  ifExists: feature('IF EXISTS or IF NOT EXISTS', -1),
  dropThenOther: feature('tables are dropped and one of another name is made in one text', 1),
  createsTables: feature('tables are made'),
  copiesTables: feature('a relation is copied into a new one as a whole', 0),
  createsFunctions: feature('functions are made'),
  copyOut: feature('COPY out of the database', 0),
  copyIn: feature('COPY into the database', 0),
  copyProgram: feature('COPY runs a program of the server', 1),
  copyFile: feature('COPY reads or writes a file of the server', 1),
  copyQuery: feature('COPY of a query’s result', 0),
  cursors: feature('a cursor is declared or read', 0),
  holdCursors: feature('a cursor outlives its transaction', 0),
  locksTables: feature('whole tables are locked', 1),
  explains: feature('EXPLAIN', -1),
  changesTrails: feature('a trail of what was done is changed, emptied or switched off', 1),
  changesCatalogs: feature('rows of a system catalog are written by hand', 1),
} satisfies FeatureTexts;

export type CommandFeature = keyof typeof COMMAND_FEATURES;
type Commands = Tally<CommandFeature | 'ransomNotes'>;

const UTILITY = new Set([
  'TransactionStmt',
  'VariableSetStmt',
  'VariableShowStmt',
  'DeallocateStmt',
  'DiscardStmt',
]);
const MINOR = new Set([
  'OBJECT_INDEX',
  'OBJECT_FUNCTION',
  'OBJECT_VIEW',
  'OBJECT_SEQUENCE',
  'OBJECT_TYPE',
  'OBJECT_MATVIEW',
]);
const GUARDS = new Set(['OBJECT_POLICY', 'OBJECT_RULE', 'OBJECT_EVENT_TRIGGER']);
const MAINTENANCE = new Set([
  'VacuumStmt',
  'ReindexStmt',
  'ClusterStmt',
  'IndexStmt',
  'CommentStmt',
  'RefreshMatViewStmt',
  'CreateStatsStmt',
  'CheckPointStmt',
]);

/** The statements of a text as a whole. */
export function measureCommands(tally: Commands, statements: readonly Tree[]): void {
  const kinds = statements.map(kindOf);
  tally.statements = kinds.length;
  tally.stackedKinds = Math.max(0, new Set(kinds).size - 1);
  const query = kinds.findIndex((kind) => /^(Select|Insert|Update|Delete)Stmt$/.test(kind));
  if (query >= 0 && kinds.slice(query + 1).some((kind) => kind !== 'TransactionStmt'))
    tally.stackedAfterQuery = 1;
  if (dropsThenMakes(statements)) tally.dropThenOther = 1;
  if (kinds.some((kind) => UTILITY.has(kind))) tally.isUtility = 1;
}

/** To make a table anew is common; another in the place of what is gone holds a note. */
function dropsThenMakes(statements: readonly Tree[]): boolean {
  const dropped: string[] = [];
  return statements.some((statement) => {
    const drop = as(statement, 'DropStmt');
    if (drop?.removeType === 'OBJECT_TABLE')
      dropped.push(...listOf(drop.objects).map((item) => wordsOf(as(item, 'List')?.items).at(-1) ?? ''));
    const made = as(statement, 'CreateStmt');
    const name = String(fieldsOf(made?.relation).relname).toLowerCase();
    return (
      made !== null &&
      dropped.length > 0 &&
      !dropped.some((gone) => name.includes(gone) || gone.includes(name))
    );
  });
}

/** A statement at any place, for example below EXPLAIN or WITH. */
export function measureCommand(tally: Commands, kind: string, node: Fields): void {
  COMMANDS[kind]?.(tally, node);
  if (/^(Create|Alter|Define|View|Index)/.test(kind)) tally.isDefinition = 1;
  if (node.missing_ok === true || node.if_not_exists === true) tally.ifExists = 1;
  if (MAINTENANCE.has(kind)) tally.maintains = 1;
  if (TRAIL_CHANGES.test(kind) && relationsOf(node).some((name) => TRAILS.test(name))) tally.changesTrails++;
  if (/^(Insert|Update|Delete)Stmt$/.test(kind) && isCatalogRange(fieldsOf(node.relation)))
    tally.changesCatalogs++;
}

const isCatalogRange = ({ schemaname, relname }: Fields): boolean =>
  isCatalog(String(schemaname ?? '').toLowerCase(), String(relname ?? '').toLowerCase());

const TRAIL_CHANGES = /^(Update|Delete|Truncate|AlterTable|Drop|Rule)Stmt$/;

/** Names of what a command changes, with their schemas. */
function relationsOf({ relation, relations, objects }: Fields): readonly string[] {
  const ranges = [fieldsOf(relation), ...listOf(relations).map((item) => fieldsOf(as(item, 'RangeVar')))];
  const names = ranges.map(({ schemaname, relname }) => `${schemaname ?? ''}.${relname ?? ''}`.toLowerCase());
  return [...names, ...listOf(objects).map((item) => wordsOf(as(item, 'List')?.items).join('.'))];
}

const COMMANDS: Readonly<Record<string, (tally: Commands, node: Fields) => void>> = {
  SelectStmt: (tally, node) => {
    tally.isSelect = 1;
    if (node.intoClause !== undefined && isPlain(node)) tally.copiesTables = 1;
  },
  InsertStmt: (tally) => {
    tally.isInsert = 1;
  },
  UpdateStmt: (tally, node) => {
    tally.isUpdate = 1;
    if (changesAll(node.whereClause)) tally.changesAll = 1;
  },
  DeleteStmt: (tally, node) => {
    tally.isDelete = 1;
    if (!changesAll(node.whereClause)) return;
    tally.changesAll = 1;
    if (node.usingClause === undefined) tally.deletesAll = 1;
    else tally.joinedDelete = 1;
  },
  TruncateStmt: (tally, node) => {
    tally.truncates += listOf(node.relations).length;
  },
  DropStmt: (tally, node) => {
    tally.isDrop = 1;
    const what = String(node.removeType);
    const count = listOf(node.objects).length;
    if (what === 'OBJECT_TABLE' || what === 'OBJECT_FOREIGN_TABLE') tally.dropsTables += count;
    else if (what === 'OBJECT_SCHEMA') tally.dropsDatabases++;
    else if (GUARDS.has(what)) tally.dropsGuards++;
    else if (MINOR.has(what)) tally.dropsMinor++;
  },
  DropdbStmt: (tally, node) => {
    tally.isDrop = 1;
    tally.dropsDatabases++;
    if (hasOption(node, 'force')) tally.dropsByForce++;
  },
  DropOwnedStmt: (tally) => {
    tally.dropsByForce++;
  },
  CreatedbStmt: (tally, node) => measureNote(tally, [node.dbname]),
  CreateStmt: (tally, node) => {
    tally.createsTables++;
    const columns = listOf(node.tableElts).map((column) => as(column, 'ColumnDef')?.colname);
    measureNote(tally, [fieldsOf(node.relation).relname, ...columns]);
  },
  CreateTableAsStmt: (tally, node) => {
    tally.createsTables++;
    if (isPlain(fieldsOf(as(node.query, 'SelectStmt')))) tally.copiesTables = 1;
  },
  CreateFunctionStmt: (tally) => {
    tally.createsFunctions++;
  },
  AlterTableCmd: (tally, node) => {
    if (/^AT_Drop/.test(String(node.subtype))) tally.dropsMinor++;
  },
  CopyStmt: (tally, node) => {
    if (node.is_from === true) tally.copyIn++;
    else tally.copyOut++;
    if (node.is_program === true) tally.copyProgram++;
    else if (node.filename !== undefined) tally.copyFile++;
    if (node.query !== undefined) tally.copyQuery++;
  },
  DeclareCursorStmt: (tally, node) => {
    tally.cursors++;
    // CURSOR_OPT_HOLD of nodes/parsenodes.h
    if ((Number(node.options ?? 0) & 0x20) !== 0) tally.holdCursors++;
  },
  FetchStmt: (tally) => {
    tally.cursors++;
  },
  LockStmt: (tally) => {
    tally.locksTables++;
  },
  ExplainStmt: (tally) => {
    tally.explains++;
  },
};

function measureNote(tally: Commands, names: readonly unknown[]): void {
  if (names.some((name) => RANSOM_NAMES.test(String(name ?? '').toLowerCase()))) tally.ransomNotes++;
}

const hasOption = (node: Fields, name: string): boolean =>
  listOf(node.options).some((option) => as(option, 'DefElem')?.defname === name);

/** No condition that looks at rows: none at all, `1=1`, `id = id`. */
export function changesAll(where: unknown): boolean {
  if (where === undefined) return true;
  const { columns, parameters, queries } = makeOf(where);
  if (columns + parameters + queries === 0) return true;
  const operation = as(where, 'A_Expr');
  const left = columnOf(operation?.lexpr);
  return (
    operation !== null && operatorOf(operation) === '=' && left !== null && left === columnOf(operation.rexpr)
  );
}

/** A relation as a whole: nothing joined, filtered or grouped. */
function isPlain(select: Fields): boolean {
  const { fromClause, whereClause, groupClause, limitCount } = select;
  const from = listOf(fromClause);
  if (whereClause !== undefined || groupClause !== undefined || limitCount !== undefined) return false;
  return from.length === 1 && kindOf(from[0]) === 'RangeVar';
}
