/** What kind of command each statement of a text is, and what it changes. */
import { as, type Fields, fieldsOf, kindOf, listOf, wordsOf } from '../tree.ts';
import { columnOf, makeOf, operatorOf } from './expression.ts';
import { type FeatureTexts, feature, type Tally } from './feature.ts';
import { GUARD_SETTINGS, PRIVILEGED_ROLES, UNTRUSTED_LANGUAGES } from './vocabulary.ts';

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
  isDrop: feature('objects are dropped'),
  changesAll: feature('UPDATE or DELETE changes all rows', 0),
  deletesAll: feature('DELETE without a condition, or one that is always true', 0),
  joinedDelete: feature('DELETE is joined without a condition', 1),
  truncates: feature('relations are truncated', 0),
  dropsTables: feature('tables are dropped', 0),
  dropsDatabases: feature('databases or schemas are dropped', 0),
  dropsMinor: feature('indexes, functions, views or constraints are dropped', -1),
  dropsGuards: feature('policies, triggers or rules are dropped', 1),
  ifExists: feature('IF EXISTS or IF NOT EXISTS', -1),
  dropThenCreate: feature('a table is dropped and another made in one text', 1),
  createsTables: feature('tables are made'),
  copiesTables: feature('a relation is copied into a new one as a whole', 0),
  createsFunctions: feature('functions are made'),
  untrustedCode: feature('code of an untrusted language or library is brought in', 1),
  definer: feature('a function runs with its owner’s rights', 0),
  anonymousCode: feature('a DO block', 0),
  rules: feature('rules are made', 1),
  triggers: feature('triggers or policies are made', 0),
  switchesGuardsOff: feature('triggers, row security or auditing are switched off', 1),
  grants: feature('privileges are granted', 0),
  grantsToAll: feature('privileges are granted to everybody', 1),
  grantsAll: feature('all privileges are granted', 1),
  grantsRoles: feature('membership in a privileged role is granted', 1),
  makesRoles: feature('roles are made or altered', 0),
  makesSuperusers: feature('a role gets far-reaching attributes', 1),
  changesOwner: feature('an owner is changed', 0),
  guardSettings: feature('settings of logging or privileges are changed', 1),
  systemSettings: feature('settings of the whole server are changed', 1),
  extensions: feature('extensions are installed', 0),
  foreignServers: feature('foreign servers, user mappings or subscriptions are set up', 1),
  publishesAll: feature('all tables are published', 1),
  copyOut: feature('COPY out of the database', 0),
  copyIn: feature('COPY into the database', 0),
  copyProgram: feature('COPY runs a program of the server', 1),
  copyFile: feature('COPY reads or writes a file of the server', 1),
  copyQuery: feature('COPY of a query’s result', 0),
  cursors: feature('a cursor is declared or read', 0),
  holdCursors: feature('a cursor outlives its transaction', 0),
  locksTables: feature('whole tables are locked', 1),
  explains: feature('EXPLAIN', -1),
} satisfies FeatureTexts;

export type CommandFeature = keyof typeof COMMAND_FEATURES;
type Commands = Tally<CommandFeature>;

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
const FAR_REACHING = new Set([
  'superuser',
  'createrole',
  'createdb',
  'isreplication',
  'bypassrls',
  'canlogin',
]);

/** The statements of a text as a whole. */
export function measureCommands(tally: Commands, kinds: readonly string[]): void {
  tally.statements = kinds.length;
  tally.stackedKinds = Math.max(0, new Set(kinds).size - 1);
  const query = kinds.findIndex((kind) => /^(Select|Insert|Update|Delete)Stmt$/.test(kind));
  if (query >= 0 && kinds.slice(query + 1).some((kind) => kind !== 'TransactionStmt'))
    tally.stackedAfterQuery = 1;
  const drop = kinds.indexOf('DropStmt');
  if (drop >= 0 && kinds.indexOf('CreateStmt', drop) > drop) tally.dropThenCreate = 1;
  if (kinds.some((kind) => UTILITY.has(kind))) tally.isUtility = 1;
}

/** A statement at any place, for example below EXPLAIN or WITH. */
export function measureCommand(tally: Commands, kind: string, node: Fields): void {
  COMMANDS[kind]?.(tally, node);
  if (/^(Create|Alter|Define|View|Index)/.test(kind)) tally.isDefinition = 1;
  if (node.missing_ok === true || node.if_not_exists === true) tally.ifExists = 1;
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
  DropdbStmt: (tally) => {
    tally.isDrop = 1;
    tally.dropsDatabases++;
  },
  CreateStmt: (tally) => {
    tally.createsTables++;
  },
  CreateTableAsStmt: (tally, node) => {
    tally.createsTables++;
    if (isPlain(fieldsOf(as(node.query, 'SelectStmt')))) tally.copiesTables = 1;
  },
  CreateFunctionStmt: (tally, node) => {
    tally.createsFunctions++;
    for (const option of listOf(node.options)) {
      const { defname, arg } = fieldsOf(as(option, 'DefElem'));
      if (defname === 'language' && UNTRUSTED_LANGUAGES.has(textOf(arg))) tally.untrustedCode++;
      if (defname === 'security' && JSON.stringify(arg ?? '').includes('true')) tally.definer++;
    }
  },
  CreatePLangStmt: (tally) => {
    tally.untrustedCode++;
  },
  LoadStmt: (tally) => {
    tally.untrustedCode++;
  },
  DoStmt: (tally) => {
    tally.anonymousCode++;
  },
  RuleStmt: (tally) => {
    tally.rules++;
  },
  CreateTrigStmt: (tally) => {
    tally.triggers++;
  },
  CreateEventTrigStmt: (tally) => {
    tally.triggers++;
  },
  CreatePolicyStmt: (tally) => {
    tally.triggers++;
  },
  AlterTableCmd: (tally, node) => {
    const what = String(node.subtype);
    if (/Dis(ableTrig|ableRule|ableRowSecurity)|NoForceRow/.test(what)) tally.switchesGuardsOff++;
    if (what === 'AT_ChangeOwner') tally.changesOwner++;
    if (/^AT_Drop/.test(what)) tally.dropsMinor++;
  },
  AlterOwnerStmt: (tally) => {
    tally.changesOwner++;
  },
  ReassignOwnedStmt: (tally) => {
    tally.changesOwner++;
  },
  GrantStmt: (tally, node) => {
    if (node.is_grant !== true) return;
    tally.grants++;
    if (node.privileges === undefined) tally.grantsAll++;
    if (listOf(node.grantees).some((role) => as(role, 'RoleSpec')?.roletype === 'ROLESPEC_PUBLIC'))
      tally.grantsToAll++;
  },
  GrantRoleStmt: (tally, node) => {
    if (node.is_grant !== true) return;
    const roles = listOf(node.granted_roles).map((role) => String(as(role, 'AccessPriv')?.priv_name ?? ''));
    tally.grants++;
    if (roles.some((role) => PRIVILEGED_ROLES.has(role.toLowerCase()))) tally.grantsRoles++;
  },
  CreateRoleStmt: (tally, node) => measureRole(tally, node),
  AlterRoleStmt: (tally, node) => measureRole(tally, node),
  AlterRoleSetStmt: (tally) => {
    tally.makesRoles++;
  },
  DropRoleStmt: (tally) => {
    tally.makesRoles++;
  },
  VariableSetStmt: (tally, node) => {
    if (GUARD_SETTINGS.test(String(node.name ?? '').toLowerCase())) tally.guardSettings++;
  },
  AlterSystemStmt: (tally) => {
    tally.systemSettings++;
  },
  CreateExtensionStmt: (tally) => {
    tally.extensions++;
  },
  CreateForeignServerStmt: (tally) => {
    tally.foreignServers++;
  },
  CreateUserMappingStmt: (tally) => {
    tally.foreignServers++;
  },
  ImportForeignSchemaStmt: (tally) => {
    tally.foreignServers++;
  },
  CreateSubscriptionStmt: (tally) => {
    tally.foreignServers++;
  },
  CreatePublicationStmt: (tally, node) => {
    if (node.for_all_tables === true) tally.publishesAll++;
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

function measureRole(tally: Commands, node: Fields): void {
  tally.makesRoles++;
  for (const option of listOf(node.options)) {
    const { defname, arg } = fieldsOf(as(option, 'DefElem'));
    const given = JSON.stringify(arg ?? '').includes('true');
    if (given && FAR_REACHING.has(String(defname)) && defname !== 'canlogin') tally.makesSuperusers++;
  }
}

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

const textOf = (node: unknown): string =>
  (as(node, 'String') === null
    ? wordsOf([node]).join()
    : String(as(node, 'String')?.sval ?? '')
  ).toLowerCase();
