/**
 * The exhaustive table: every node kind of PostgreSQL's grammar, and what the guardrails make of it. A kind that is
 * missing here does not compile; one that is new to the parser at run time is refused by the walk.
 */
import { ADMINISTRATIVE } from './administration.ts';
import { ALTERATIONS } from './alterations.ts';
import { DEFINITIONS } from './definitions.ts';
import { EXPRESSIONS } from './expressions.ts';
import { KEYWORDS } from './keywords.ts';
import { MODIFICATIONS } from './modifications.ts';
import type { NodeKind } from './nodes.ts';
import { QUERIES } from './queries.ts';
import { SESSION } from './session.ts';
import type { Handler, Handlers } from './walk.ts';

/** Nothing in it and below it matters. */
const leaf = (): void => {};

/** Nothing in itself: its children matter. */
const through =
  <K extends NodeKind>(kind: K): Handler<K> =>
  (walk, node) =>
    walk.children(kind, node);

/** SQL/JSON makes JSON of any value, by the user-defined cast to json if the value's type has one. */
const makesJson =
  <K extends NodeKind>(kind: K): Handler<K> =>
  (walk, node) => {
    walk.type(['pg_catalog', 'json']);
    walk.children(kind, node);
  };

/** The server makes it after parsing; in a parse tree it is not understood. */
const unexpected =
  <K extends NodeKind>(kind: K): Handler<K> =>
  (walk) =>
    walk.refuse(kind, `the node kind ${kind} is not expected in a parse tree`);

export const HANDLERS: Handlers = {
  ...EXPRESSIONS,
  ...KEYWORDS,
  ...QUERIES,
  ...MODIFICATIONS,
  ...DEFINITIONS,
  ...ALTERATIONS,
  ...ADMINISTRATIVE,
  ...SESSION,
  // Leaves.
  Integer: leaf,
  Float: leaf,
  Boolean: leaf,
  String: leaf,
  BitString: leaf,
  A_Const: leaf,
  A_Star: leaf,
  ParamRef: leaf,
  Alias: leaf,
  RoleSpec: leaf,
  SetToDefault: leaf,
  CurrentOfExpr: leaf,
  SQLValueFunction: leaf,
  CaseTestExpr: leaf,
  JsonFormat: leaf,
  TriggerTransition: leaf,
  ReplicaIdentityStmt: leaf,
  ATAlterConstraint: leaf,
  ReturningOption: leaf,
  // Only their children matter.
  List: through('List'),
  BoolExpr: through('BoolExpr'),
  NullTest: through('NullTest'),
  BooleanTest: through('BooleanTest'),
  CaseWhen: through('CaseWhen'),
  CoalesceExpr: through('CoalesceExpr'),
  MinMaxExpr: through('MinMaxExpr'),
  XmlExpr: through('XmlExpr'),
  XmlSerialize: through('XmlSerialize'),
  RowExpr: through('RowExpr'),
  NamedArgExpr: through('NamedArgExpr'),
  GroupingFunc: through('GroupingFunc'),
  GroupingSet: through('GroupingSet'),
  A_Indices: through('A_Indices'),
  CollateClause: through('CollateClause'),
  ResTarget: through('ResTarget'),
  MultiAssignRef: through('MultiAssignRef'),
  WindowDef: through('WindowDef'),
  RangeSubselect: through('RangeSubselect'),
  RangeTableFunc: through('RangeTableFunc'),
  RangeTableFuncCol: through('RangeTableFuncCol'),
  RangeTableSample: through('RangeTableSample'),
  JoinExpr: through('JoinExpr'),
  IndexElem: through('IndexElem'),
  DefElem: through('DefElem'),
  PartitionElem: through('PartitionElem'),
  PartitionSpec: through('PartitionSpec'),
  PartitionBoundSpec: through('PartitionBoundSpec'),
  PartitionRangeDatum: through('PartitionRangeDatum'),
  PartitionCmd: through('PartitionCmd'),
  InferClause: through('InferClause'),
  OnConflictClause: through('OnConflictClause'),
  CTESearchClause: through('CTESearchClause'),
  CTECycleClause: through('CTECycleClause'),
  CommonTableExpr: through('CommonTableExpr'),
  MergeWhenClause: through('MergeWhenClause'),
  ReturningClause: through('ReturningClause'),
  IntoClause: through('IntoClause'),
  JsonReturning: through('JsonReturning'),
  JsonValueExpr: makesJson('JsonValueExpr'),
  JsonIsPredicate: through('JsonIsPredicate'),
  JsonBehavior: through('JsonBehavior'),
  JsonOutput: through('JsonOutput'),
  JsonArgument: through('JsonArgument'),
  JsonTablePathSpec: through('JsonTablePathSpec'),
  JsonTable: through('JsonTable'),
  JsonTableColumn: through('JsonTableColumn'),
  JsonKeyValue: through('JsonKeyValue'),
  JsonArrayQueryConstructor: makesJson('JsonArrayQueryConstructor'),
  JsonAggConstructor: through('JsonAggConstructor'),
  RawStmt: through('RawStmt'),
  ReturnStmt: through('ReturnStmt'),
  PLAssignStmt: through('PLAssignStmt'),
  AlterTableCmd: through('AlterTableCmd'),
  AccessPriv: through('AccessPriv'),
  CreateOpClassItem: through('CreateOpClassItem'),
  StatsElem: through('StatsElem'),
  FunctionParameter: through('FunctionParameter'),
  VacuumRelation: through('VacuumRelation'),
  PublicationTable: through('PublicationTable'),
  // Not in parse trees: plan and analysis nodes, lists of numbers, and what the parser library adds for its own results.
  ParseResult: unexpected('ParseResult'),
  ScanResult: unexpected('ScanResult'),
  OidList: unexpected('OidList'),
  IntList: unexpected('IntList'),
  TableFunc: unexpected('TableFunc'),
  Var: unexpected('Var'),
  Param: unexpected('Param'),
  Aggref: unexpected('Aggref'),
  WindowFunc: unexpected('WindowFunc'),
  WindowFuncRunCondition: unexpected('WindowFuncRunCondition'),
  SubscriptingRef: unexpected('SubscriptingRef'),
  FuncExpr: unexpected('FuncExpr'),
  OpExpr: unexpected('OpExpr'),
  DistinctExpr: unexpected('DistinctExpr'),
  NullIfExpr: unexpected('NullIfExpr'),
  ScalarArrayOpExpr: unexpected('ScalarArrayOpExpr'),
  SubPlan: unexpected('SubPlan'),
  AlternativeSubPlan: unexpected('AlternativeSubPlan'),
  FieldSelect: unexpected('FieldSelect'),
  FieldStore: unexpected('FieldStore'),
  RelabelType: unexpected('RelabelType'),
  CoerceViaIO: unexpected('CoerceViaIO'),
  ArrayCoerceExpr: unexpected('ArrayCoerceExpr'),
  ConvertRowtypeExpr: unexpected('ConvertRowtypeExpr'),
  CollateExpr: unexpected('CollateExpr'),
  ArrayExpr: unexpected('ArrayExpr'),
  RowCompareExpr: unexpected('RowCompareExpr'),
  JsonConstructorExpr: unexpected('JsonConstructorExpr'),
  JsonExpr: unexpected('JsonExpr'),
  JsonTablePath: unexpected('JsonTablePath'),
  JsonTablePathScan: unexpected('JsonTablePathScan'),
  JsonTableSiblingJoin: unexpected('JsonTableSiblingJoin'),
  MergeAction: unexpected('MergeAction'),
  CoerceToDomain: unexpected('CoerceToDomain'),
  CoerceToDomainValue: unexpected('CoerceToDomainValue'),
  NextValueExpr: unexpected('NextValueExpr'),
  InferenceElem: unexpected('InferenceElem'),
  ReturningExpr: unexpected('ReturningExpr'),
  TargetEntry: unexpected('TargetEntry'),
  RangeTblRef: unexpected('RangeTblRef'),
  FromExpr: unexpected('FromExpr'),
  OnConflictExpr: unexpected('OnConflictExpr'),
  Query: unexpected('Query'),
  RangeTblEntry: unexpected('RangeTblEntry'),
  RTEPermissionInfo: unexpected('RTEPermissionInfo'),
  RangeTblFunction: unexpected('RangeTblFunction'),
  TableSampleClause: unexpected('TableSampleClause'),
  WithCheckOption: unexpected('WithCheckOption'),
  SortGroupClause: unexpected('SortGroupClause'),
  WindowClause: unexpected('WindowClause'),
  RowMarkClause: unexpected('RowMarkClause'),
  SetOperationStmt: unexpected('SetOperationStmt'),
  InlineCodeBlock: unexpected('InlineCodeBlock'),
  CallContext: unexpected('CallContext'),
  ScanToken: unexpected('ScanToken'),
  SummaryResult: unexpected('SummaryResult'),
  Table: unexpected('Table'),
  Function: unexpected('Function'),
  FilterColumn: unexpected('FilterColumn'),
};
