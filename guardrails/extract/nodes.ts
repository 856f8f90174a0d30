/**
 * The kinds of node in PostgreSQL's parse tree, as types: `NodeKind` is every kind that @pgsql/types knows, so a table
 * over it stops compiling when the grammar gains one.
 */
import type { Node } from 'libpg-query';

type KindsIn<N> = N extends unknown ? keyof N : never;
type BodyIn<N, K extends string> = N extends { readonly [P in K]: infer B } ? B : never;

export type { Node };
export type NodeKind = KindsIn<Node>;
export type NodeOf<K extends NodeKind> = BodyIn<Node, K>;
/** Kinds that stand for whole statements. */
export type StatementKind = Extract<NodeKind, `${string}Stmt`>;

/** Fields that hold a body without its kind around it: which kind it is. Checked against the types for each field. */
type StructFields = {
  readonly [K in NodeKind]?: { readonly [F in keyof NodeOf<K>]?: NodeKind };
};

const typed = { typeName: 'TypeName' } as const;
const onRelation = { relation: 'RangeVar' } as const;
const setting = { setstmt: 'VariableSetStmt' } as const;
const behaviors = { on_empty: 'JsonBehavior', on_error: 'JsonBehavior' } as const;
const modifying = {
  relation: 'RangeVar',
  returningClause: 'ReturningClause',
  withClause: 'WithClause',
} as const;

export const STRUCT_FIELDS: StructFields = {
  RangeVar: { alias: 'Alias' },
  IntoClause: { rel: 'RangeVar' },
  JsonReturning: { format: 'JsonFormat' },
  JsonValueExpr: { format: 'JsonFormat' },
  JsonIsPredicate: { format: 'JsonFormat' },
  JoinExpr: { join_using_alias: 'Alias', alias: 'Alias' },
  TypeCast: typed,
  FuncCall: { over: 'WindowDef' },
  RangeSubselect: { alias: 'Alias' },
  RangeFunction: { alias: 'Alias' },
  RangeTableFunc: { alias: 'Alias' },
  RangeTableFuncCol: typed,
  ColumnDef: { typeName: 'TypeName', identitySequence: 'RangeVar', collClause: 'CollateClause' },
  TableLikeClause: onRelation,
  XmlSerialize: typed,
  PartitionCmd: { name: 'RangeVar', bound: 'PartitionBoundSpec' },
  OnConflictClause: { infer: 'InferClause' },
  CommonTableExpr: { search_clause: 'CTESearchClause', cycle_clause: 'CTECycleClause' },
  JsonOutput: { typeName: 'TypeName', returning: 'JsonReturning' },
  JsonArgument: { val: 'JsonValueExpr' },
  JsonFuncExpr: { context_item: 'JsonValueExpr', output: 'JsonOutput', ...behaviors },
  JsonTable: {
    context_item: 'JsonValueExpr',
    pathspec: 'JsonTablePathSpec',
    on_error: 'JsonBehavior',
    alias: 'Alias',
  },
  JsonTableColumn: { ...typed, pathspec: 'JsonTablePathSpec', format: 'JsonFormat', ...behaviors },
  JsonKeyValue: { value: 'JsonValueExpr' },
  JsonParseExpr: { expr: 'JsonValueExpr', output: 'JsonOutput' },
  JsonScalarExpr: { output: 'JsonOutput' },
  JsonSerializeExpr: { expr: 'JsonValueExpr', output: 'JsonOutput' },
  JsonObjectConstructor: { output: 'JsonOutput' },
  JsonArrayConstructor: { output: 'JsonOutput' },
  JsonArrayQueryConstructor: { output: 'JsonOutput', format: 'JsonFormat' },
  JsonAggConstructor: { output: 'JsonOutput', over: 'WindowDef' },
  JsonObjectAgg: { constructor: 'JsonAggConstructor', arg: 'JsonKeyValue' },
  JsonArrayAgg: { constructor: 'JsonAggConstructor', arg: 'JsonValueExpr' },
  InsertStmt: { ...modifying, onConflictClause: 'OnConflictClause' },
  DeleteStmt: modifying,
  UpdateStmt: modifying,
  MergeStmt: modifying,
  SelectStmt: {
    intoClause: 'IntoClause',
    withClause: 'WithClause',
    larg: 'SelectStmt',
    rarg: 'SelectStmt',
  },
  PLAssignStmt: { val: 'SelectStmt' },
  CreateSchemaStmt: { authrole: 'RoleSpec' },
  AlterTableStmt: onRelation,
  AlterTableCmd: { newowner: 'RoleSpec' },
  GrantStmt: { grantor: 'RoleSpec' },
  GrantRoleStmt: { grantor: 'RoleSpec' },
  AlterDefaultPrivilegesStmt: { action: 'GrantStmt' },
  CopyStmt: onRelation,
  CreateStmt: {
    relation: 'RangeVar',
    partbound: 'PartitionBoundSpec',
    partspec: 'PartitionSpec',
    ofTypename: 'TypeName',
  },
  Constraint: { pktable: 'RangeVar' },
  CreateTableSpaceStmt: { owner: 'RoleSpec' },
  CreateForeignTableStmt: { base: 'CreateStmt' },
  CreateUserMappingStmt: { user: 'RoleSpec' },
  AlterUserMappingStmt: { user: 'RoleSpec' },
  DropUserMappingStmt: { user: 'RoleSpec' },
  CreatePolicyStmt: { table: 'RangeVar' },
  AlterPolicyStmt: { table: 'RangeVar' },
  CreateTrigStmt: { relation: 'RangeVar', constrrel: 'RangeVar' },
  AlterRoleStmt: { role: 'RoleSpec' },
  AlterRoleSetStmt: { role: 'RoleSpec', ...setting },
  CreateSeqStmt: { sequence: 'RangeVar' },
  AlterSeqStmt: { sequence: 'RangeVar' },
  CreateDomainStmt: { typeName: 'TypeName', collClause: 'CollateClause' },
  CreateOpClassStmt: { datatype: 'TypeName' },
  CreateOpClassItem: { name: 'ObjectWithArgs', storedtype: 'TypeName' },
  IndexStmt: onRelation,
  CreateFunctionStmt: { returnType: 'TypeName' },
  FunctionParameter: { argType: 'TypeName' },
  AlterFunctionStmt: { func: 'ObjectWithArgs' },
  CallStmt: { funccall: 'FuncCall' },
  RenameStmt: onRelation,
  AlterObjectDependsStmt: { relation: 'RangeVar', extname: 'String' },
  AlterObjectSchemaStmt: onRelation,
  AlterOwnerStmt: { relation: 'RangeVar', newowner: 'RoleSpec' },
  AlterOperatorStmt: { opername: 'ObjectWithArgs' },
  RuleStmt: onRelation,
  CompositeTypeStmt: { typevar: 'RangeVar' },
  ViewStmt: { view: 'RangeVar' },
  AlterDatabaseSetStmt: setting,
  AlterSystemStmt: setting,
  ClusterStmt: onRelation,
  VacuumRelation: onRelation,
  CreateTableAsStmt: { into: 'IntoClause' },
  RefreshMatViewStmt: onRelation,
  ReindexStmt: onRelation,
  CreateCastStmt: { sourcetype: 'TypeName', targettype: 'TypeName', func: 'ObjectWithArgs' },
  CreateTransformStmt: { type_name: 'TypeName', fromsql: 'ObjectWithArgs', tosql: 'ObjectWithArgs' },
  ReassignOwnedStmt: { newrole: 'RoleSpec' },
  PublicationTable: onRelation,
  PublicationObjSpec: { pubtable: 'PublicationTable' },
};
