/** Statements about roles, privileges, the server, and doors to other servers: `admin`, and `export` for the latter. */
import type { Action } from '../types.ts';
import type { Node, NodeKind, NodeOf, StatementKind } from './nodes.ts';
import { rangeVar } from './objects.ts';
import { type Handler, type Handlers, strings, type Walk } from './walk.ts';

interface Administration {
  readonly resource: string;
  /** Ends the sentence "it ...". */
  readonly does: string;
  readonly export?: true;
  /** What it does to objects that it does not name. */
  readonly toAll?: readonly Action[];
}

const role: Administration = { resource: 'role', does: 'changes roles' };
const privileges: Administration = { resource: 'privileges', does: 'changes who may do what' };
const tablespace: Administration = { resource: 'tablespace', does: 'changes tablespaces' };
const database: Administration = { resource: 'database', does: 'changes databases' };
const extension: Administration = { resource: 'extension', does: 'changes extensions' };
const server: Administration = { resource: 'server', does: 'acts on the server as a whole' };
const checkpoint: Administration = {
  resource: 'checkpoint',
  does: 'makes the server write what it has in memory',
};
const door: Administration = {
  resource: 'foreign server',
  does: 'changes the doors to other servers, through which data can leave',
  export: true,
};
const replication: Administration = {
  resource: 'replication',
  does: 'changes replication, by which data leaves or comes in',
  export: true,
};
const subscription: Administration = { ...replication, toAll: ['insert', 'update', 'delete', 'truncate'] };
const implicit: Administration = {
  resource: 'implicit code',
  does: 'changes code that statements run implicitly',
};

const ADMINISTRATION = {
  CreateRoleStmt: role,
  AlterRoleStmt: role,
  DropRoleStmt: role,
  AlterRoleSetStmt: role,
  GrantRoleStmt: privileges,
  AlterDefaultPrivilegesStmt: privileges,
  DropOwnedStmt: { ...privileges, toAll: ['drop', 'alter'] },
  ReassignOwnedStmt: { ...privileges, toAll: ['alter'] },
  CreateTableSpaceStmt: tablespace,
  DropTableSpaceStmt: tablespace,
  AlterTableSpaceOptionsStmt: tablespace,
  AlterTableMoveAllStmt: { ...tablespace, toAll: ['alter'] },
  CreatedbStmt: database,
  DropdbStmt: { ...database, toAll: ['drop'] },
  AlterDatabaseStmt: database,
  AlterDatabaseRefreshCollStmt: database,
  AlterDatabaseSetStmt: database,
  CreateExtensionStmt: extension,
  AlterExtensionStmt: extension,
  AlterExtensionContentsStmt: extension,
  AlterSystemStmt: server,
  CheckPointStmt: checkpoint,
  LoadStmt: server,
  CreateFdwStmt: door,
  AlterFdwStmt: door,
  CreateForeignServerStmt: door,
  AlterForeignServerStmt: door,
  CreateUserMappingStmt: door,
  AlterUserMappingStmt: door,
  DropUserMappingStmt: door,
  ImportForeignSchemaStmt: door,
  CreateSubscriptionStmt: subscription,
  AlterSubscriptionStmt: subscription,
  DropSubscriptionStmt: replication,
  CreateAmStmt: implicit,
  AlterEventTrigStmt: implicit,
  CreatePLangStmt: implicit,
  CreateOpClassStmt: implicit,
  CreateOpFamilyStmt: implicit,
  AlterOpFamilyStmt: implicit,
  CreateConversionStmt: implicit,
  CreateCastStmt: implicit,
  CreateTransformStmt: implicit,
} as const satisfies { readonly [K in StatementKind]?: Administration };

const note = (walk: Walk, { resource, does, toAll = [], ...rest }: Administration): void => {
  walk.effects.writes = true;
  walk.effects.changesCatalog = true;
  walk.plain('admin', resource, `it ${does}`);
  if (rest.export === true) walk.plain('export', resource, `it ${does}`);
  for (const action of toAll) walk.plain(action, '*', 'it reaches objects that it does not name');
};

const administrative =
  <K extends NodeKind>(kind: K, what: Administration): Handler<K> =>
  (walk, node) => {
    note(walk, what);
    walk.children(kind, node);
  };

type AdministrationHandlers = { readonly [K in keyof typeof ADMINISTRATION]: Handler<K> };

/** A foreign table is made like a table, and is a door. */
const createForeignTable: Handler<'CreateForeignTableStmt'> = (walk, node) => {
  note(walk, door);
  walk.children('CreateForeignTableStmt', node);
};

const publication = (walk: Walk, forAllTables: boolean | undefined): void => {
  note(walk, replication);
  if (forAllTables === true) walk.plain('export', '*', 'it publishes all tables');
};

/** Options of CREATE OPERATOR, AGGREGATE and TYPE whose values are functions, which are to be called from then on. */
const CALLED: ReadonlySet<string> = new Set([
  ...['function', 'procedure', 'sfunc', 'finalfunc', 'combinefunc', 'serialfunc', 'deserialfunc'],
  ...['msfunc', 'minvfunc', 'mfinalfunc', 'subtype_diff', 'canonical'],
]);

/** What the reviewed lists say of built-in ones is about calls. */
export function functionsCalled(walk: Walk, options: readonly Node[] | undefined): void {
  for (const option of options ?? []) {
    if (!('DefElem' in option) || !CALLED.has(option.DefElem.defname ?? '')) continue;
    const { arg } = option.DefElem;
    if (arg !== undefined && 'TypeName' in arg) walk.function(strings(arg.TypeName.names), 'judged');
  }
}

/** Policies and rules change what statements of others see and do. */
const guard = (walk: Walk, relation: NodeOf<'RangeVar'> | undefined, word: string): void => {
  note(walk, { resource: word, does: `changes a ${word}, which acts on everybody's statements` });
  walk.use('alter', relation ?? rangeVar([]), { all: true });
};

export const ADMINISTRATIVE = {
  ...(Object.fromEntries(
    Object.entries(ADMINISTRATION).map(([kind, what]) => [kind, administrative(kind as NodeKind, what)]),
  ) as unknown as AdministrationHandlers),
  CreateForeignTableStmt: createForeignTable,
  CreatePublicationStmt: (walk, node) => {
    publication(walk, node.for_all_tables);
    walk.children('CreatePublicationStmt', node);
  },
  AlterPublicationStmt: (walk, node) => {
    publication(walk, node.for_all_tables);
    walk.children('AlterPublicationStmt', node);
  },
  PublicationObjSpec: (walk, node) => {
    const { pubobjtype: of, name } = node;
    if (of === 'PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA')
      walk.plain('export', '*', 'it publishes a whole schema');
    else if (of === 'PUBLICATIONOBJ_TABLES_IN_SCHEMA')
      walk.need({ kind: 'schema', action: 'export', name: name ?? '' });
    walk.children('PublicationObjSpec', node);
  },
  GrantStmt: (walk, node) => {
    note(walk, privileges);
    walk.children('GrantStmt', node);
    if (node.targtype !== 'ACL_TARGET_ALL_IN_SCHEMA') return;
    for (const name of strings(node.objects)) walk.need({ kind: 'schema', action: 'select', name });
  },
  CreateEventTrigStmt: (walk, node) => {
    note(walk, implicit);
    walk.function(strings(node.funcname), 'reference');
    walk.children('CreateEventTrigStmt', node);
  },
  DefineStmt: (walk, node) => {
    note(walk, implicit);
    functionsCalled(walk, node.definition);
    walk.nodesPresent(node.args);
    walk.children('DefineStmt', node, ['args']);
  },
  AlterOperatorStmt: (walk, node) => {
    note(walk, implicit);
    walk.children('AlterOperatorStmt', node, ['opername']);
  },
  CreatePolicyStmt: (walk, node) => {
    guard(walk, node.table, 'policy');
    walk.children('CreatePolicyStmt', node, ['table']);
  },
  AlterPolicyStmt: (walk, node) => {
    guard(walk, node.table, 'policy');
    walk.children('AlterPolicyStmt', node, ['table']);
  },
  RuleStmt: (walk, node) => {
    guard(walk, node.relation, 'rule');
    walk.children('RuleStmt', node, ['relation']);
    walk.effects.returnsRows = false;
  },
  /** Named by definitions (operator, cast ...): the function will be called. */
  ObjectWithArgs: (walk, node) => {
    walk.function(strings(node.objname), 'reference');
    walk.nodesPresent(node.objargs);
    walk.children('ObjectWithArgs', node, ['objname', 'objargs']);
  },
} satisfies Partial<Handlers>;
