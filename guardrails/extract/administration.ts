/** Statements about roles, privileges, the server, and doors to other servers: `admin`, and `export` for the latter. */
import type { NodeKind, NodeOf, StatementKind } from './nodes.ts';
import { rangeVar } from './objects.ts';
import { type Handler, type Handlers, strings, type Walk } from './walk.ts';

interface Administration {
  readonly resource: string;
  /** Ends the sentence "it ...". */
  readonly does: string;
  readonly export?: true;
}

const role: Administration = { resource: 'role', does: 'changes roles' };
const privileges: Administration = { resource: 'privileges', does: 'changes who may do what' };
const tablespace: Administration = { resource: 'tablespace', does: 'changes tablespaces' };
const database: Administration = { resource: 'database', does: 'changes databases' };
const extension: Administration = { resource: 'extension', does: 'changes extensions' };
const server: Administration = { resource: 'server', does: 'acts on the server as a whole' };
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
const implicit: Administration = {
  resource: 'implicit code',
  does: 'changes code that statements run implicitly',
};

const ADMINISTRATION = {
  CreateRoleStmt: role,
  AlterRoleStmt: role,
  DropRoleStmt: role,
  AlterRoleSetStmt: role,
  GrantStmt: privileges,
  GrantRoleStmt: privileges,
  AlterDefaultPrivilegesStmt: privileges,
  DropOwnedStmt: privileges,
  ReassignOwnedStmt: privileges,
  CreateTableSpaceStmt: tablespace,
  DropTableSpaceStmt: tablespace,
  AlterTableSpaceOptionsStmt: tablespace,
  AlterTableMoveAllStmt: tablespace,
  CreatedbStmt: database,
  DropdbStmt: database,
  AlterDatabaseStmt: database,
  AlterDatabaseRefreshCollStmt: database,
  AlterDatabaseSetStmt: database,
  CreateExtensionStmt: extension,
  AlterExtensionStmt: extension,
  AlterExtensionContentsStmt: extension,
  AlterSystemStmt: server,
  CheckPointStmt: server,
  LoadStmt: server,
  CreateFdwStmt: door,
  AlterFdwStmt: door,
  CreateForeignServerStmt: door,
  AlterForeignServerStmt: door,
  CreateUserMappingStmt: door,
  AlterUserMappingStmt: door,
  DropUserMappingStmt: door,
  ImportForeignSchemaStmt: door,
  CreatePublicationStmt: replication,
  AlterPublicationStmt: replication,
  CreateSubscriptionStmt: replication,
  AlterSubscriptionStmt: replication,
  DropSubscriptionStmt: replication,
  CreateAmStmt: implicit,
  CreateEventTrigStmt: implicit,
  AlterEventTrigStmt: implicit,
  CreatePLangStmt: implicit,
  CreateOpClassStmt: implicit,
  CreateOpFamilyStmt: implicit,
  AlterOpFamilyStmt: implicit,
  CreateConversionStmt: implicit,
  CreateCastStmt: implicit,
  CreateTransformStmt: implicit,
} as const satisfies { readonly [K in StatementKind]?: Administration };

const note = (walk: Walk, { resource, does, ...rest }: Administration): void => {
  walk.effects.writes = true;
  walk.effects.changesCatalog = true;
  walk.plain('admin', resource, `it ${does}`);
  if (rest.export === true) walk.plain('export', resource, `it ${does}`);
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
  DefineStmt: (walk, node) => {
    note(walk, implicit);
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
