/**
 * The upstream's catalog as the guardrails see it: an immutable snapshot, one per database, shared by all sessions.
 * Built by `server/catalog-loader.ts` from pg_catalog (PostgreSQL 13-18). Names are as stored (already case-folded).
 */

import type { Action } from './types.ts';

/** pg_class.relkind, spelled out. Sequences are relations too. */
export type RelationKind =
  | 'table'
  | 'partitioned'
  | 'view'
  | 'materialized'
  | 'foreign'
  | 'sequence'
  | 'composite'
  | 'toast'
  | 'index';

export interface ForeignKeyEffect {
  /** The relation that holds the foreign key and is changed when ours is. */
  readonly relation: Relation;
  /** Our columns that it refers to; undefined: not known. */
  readonly keys?: readonly string[];
  readonly onDelete: 'none' | 'cascade' | 'set';
  readonly onUpdate: 'none' | 'cascade' | 'set';
}

export interface Trigger {
  readonly name: string;
  readonly events: readonly ('insert' | 'update' | 'delete' | 'truncate')[];
  readonly function: Routine;
  /** BEFORE ... FOR EACH ROW: it may change the row. */
  readonly before: boolean;
  /** FOR EACH ROW. */
  readonly eachRow: boolean;
  /** INSTEAD OF, on a view. */
  readonly instead: boolean;
  /** It may run as late as at COMMIT, under whatever search_path holds then. */
  readonly deferrable: boolean;
  /** REFERENCING OLD TABLE AS, NEW TABLE AS. */
  readonly transitionTables: readonly string[];
}

/** A rewrite rule: what is done instead of, or along with, a statement about its relation. */
export interface Rule {
  readonly name: string;
  readonly event: 'select' | 'insert' | 'update' | 'delete';
  /** Relations that its actions and its condition touch, with the privileges that they need there. */
  readonly reaches: readonly { readonly relation: Relation; readonly actions: readonly Action[] }[];
  /** As Relation.calls. */
  readonly calls: readonly Routine[];
  /** It also does what is no query: NOTIFY. */
  readonly utility: boolean;
}

/** An event trigger that is enabled: it runs on DDL. */
export interface EventTrigger {
  readonly name: string;
  readonly function: Routine;
}

/** What DROP ... CASCADE takes along: whole or in part. `guard`: a policy or a rule of the relation. */
export type Dependent =
  | {
      readonly of: 'relation';
      readonly relation: Relation;
      readonly loses: 'all' | 'column' | 'part' | 'guard';
    }
  | {
      readonly of: 'function' | 'type';
      readonly schema: string;
      readonly name: string;
      readonly loses: 'all' | 'part';
    }
  /** `catalog`: the system catalog that it is in. */
  | { readonly of: 'other'; readonly catalog: string };

export interface CheckedColumn {
  readonly column: string;
  /** Its type is an array, range or row: its operators take literals for its elements. */
  readonly holdsOthers: boolean;
  readonly calls: readonly Routine[];
}

export interface Relation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
  /** pg_catalog, information_schema, pg_toast. */
  readonly system: boolean;
  readonly columns: readonly string[];
  /** The column of that pg_attribute.attnum; undefined: a system column, or none. */
  columnNumbered(attnum: number): string | undefined;
  /** Of a partitioned table: the columns that say where a row belongs; undefined: not known. */
  readonly partitionKey: readonly string[] | undefined;
  /** Of an index: whose it is. */
  readonly table: Relation | undefined;
  /** Views and materialized views: relations their query names, directly, system relations too. */
  readonly reads: readonly Relation[];
  /** Columns of a relation in `reads` that the view's query touches anywhere; null: all, or not known. */
  columnsRead(of: Relation): readonly string[] | null;
  /** Views: functions their query calls, directly: user-defined ones, and built-in ones that are not harmless. */
  readonly calls: readonly Routine[];
  /** Inheritance children and partitions, direct ones. */
  readonly children: readonly Relation[];
  /** Foreign keys that point at this relation. */
  readonly referencedBy: readonly ForeignKeyEffect[];
  /** Enabled user triggers (not internal ones). */
  readonly triggers: readonly Trigger[];
  /** Enabled rewrite rules other than a view's own _RETURN. */
  readonly rules: readonly Rule[];
  /**
   * Functions (user-defined, or built-in and not harmless) that row-level security policies call; likewise defaults,
   * checks, generated columns, index and partition expressions, WHEN of triggers, and the domains and implicit casts of
   * its columns' types. Not `nextval` of a default: see ownedSequences.
   */
  readonly implicitCalls: readonly Routine[];
  /**
   * Those of implicitCalls that run when rows are merely read: policies in force for the service role, implicit casts,
   * comparisons by user-defined operator classes.
   */
  readonly readCalls: readonly Routine[];
  /** Those of readCalls that run where no other columns are read. */
  callsReading(columns: readonly string[]): readonly Routine[];
  /**
   * Columns of types whose domains are checked by functions: array functions, operators and aggregates over such a column
   * may make further values of its type.
   */
  readonly checkedColumns: readonly CheckedColumn[];
  /** Sequences that column defaults and identities draw from. */
  readonly ownedSequences: readonly Relation[];
  /** What depends on it directly, and is not dropped with it unless by CASCADE. */
  readonly dependents: readonly Dependent[];
}

export interface Routine {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** Input argument types as format_type prints them, without spaces after commas: `integer,text`. */
  readonly args: string;
  readonly kind: 'function' | 'procedure' | 'aggregate' | 'window';
  readonly language: string;
  /** Comes with PostgreSQL itself (oid below 16384 in pg_catalog or information_schema). */
  readonly builtin: boolean;
  readonly securityDefiner: boolean;
  /** The extension it belongs to. */
  readonly extension: string | null;
  /** How many arguments a call may have at least; absent: not known. */
  readonly least?: number;
  /** And at most; null: any number. */
  readonly most?: number | null;
  /** A built-in function has the same name and arguments, and comes first while pg_catalog is searched first. */
  readonly shadowed?: true;
  /** Of a user-defined aggregate: the functions that it is made of. */
  readonly calls?: readonly Routine[];
  /** Of functions in SQL and PL/pgSQL, if their source is kept as a text that is not too long. */
  readonly body?: RoutineBody;
}

/** What `bodies/` reads a function's effects off. */
export interface RoutineBody {
  /** As pg_get_functiondef() prints it. */
  readonly definition: string;
  /** pg_proc.proconfig: `setting=value`. */
  readonly config: readonly string[];
  /** SECURITY DEFINER, and its owner is subject to row-level security, perhaps where the service role is not. */
  readonly policiesOfOwner: boolean;
}

/** Types, by OID, that a value in a statement may be of, user-defined ones; null: any. Row types by the negated OID of their relation. */
export type TypesPresent = ReadonlySet<number> | null;

export interface Catalog {
  /** No database is at hand (`postern explain`): names stand for what they seem to, and are not looked up. */
  readonly assumed?: true;
  /** Which database it is: two snapshots of the same origin are of the same one. */
  readonly origin: string;
  /** Grows by one with each snapshot of this database. */
  readonly version: number;
  /** server_version_num, e.g. 180004. */
  readonly serverVersion: number;
  /** Of the database, as getdatabaseencoding() names it. */
  readonly encoding: string;
  /** The service role's name. */
  readonly user: string;
  /** The session's initial search_path with "$user" resolved, only schemas that exist; without the implicit pg_catalog. */
  readonly searchPath: readonly string[];
  /** The same as SHOW search_path says it. */
  readonly searchPathSetting: string;
  readonly eventTriggers: readonly EventTrigger[];
  /** Functions of user-defined casts between built-in types that apply without being written. */
  readonly builtinCasts: readonly Routine[];
  schemaExists(name: string): boolean;
  relation(schema: string, name: string): Relation | undefined;
  /** All relations of that name, in any schema. */
  relationsNamed(name: string): readonly Relation[];
  /** User-defined routines (not builtin) of that name, in any schema. */
  routinesNamed(name: string): readonly Routine[];
  /** Functions behind user-defined operators of that name (empty: only built-in operators have it). */
  operatorRoutines(name: string, present?: TypesPresent): readonly Routine[];
  /** Those of them that somebody has put into pg_catalog. */
  systemOperatorRoutines(name: string): readonly Routine[];
  /** May an operator of that name make values of a user-defined type of others? */
  operatorMakesTypes(name: string): boolean;
  /** Functions behind user-defined casts to, domains checks of, or input/output of the type of that name. `null`: no such user-defined type. */
  typeRoutines(name: string, present?: TypesPresent): readonly Routine[] | null;
  /** Those of typeRoutines that run where a literal is made a value of the type. */
  literalRoutines(name: string): readonly Routine[];
  /** Functions of user-defined casts to a user-defined type of that name that apply without being written. */
  castsInto(name: string): readonly Routine[];
  /** As typeRoutines, for the OID of a type; null also for the row type of a table or view. */
  routinesOfType(oid: number): readonly Routine[] | null;
  /** Those of typeRoutines that are behind user-defined casts to the type. */
  castRoutines(name: string, present?: TypesPresent): readonly Routine[];
  /** Functions behind user-defined casts to built-in types that the fields of a row type of that name may be of. */
  fieldCastRoutines(name: string, present?: TypesPresent): readonly Routine[];
  /** Those of operatorRoutines and castRoutines that are left out where the type, or what it is made of, is not present. */
  routinesUsingType(oid: number): readonly Routine[];
  /** User-defined types in these columns or in whole rows of a relation, or in a value of a type of that name. */
  typesOfRelation(oid: number, columns: readonly string[] | 'all'): Iterable<number>;
  typesNamed(name: string): Iterable<number>;
  /**
   * As Relation.dependents: of functions (all overloads), a type, or a schema. Of a schema: what depends on anything in it
   * from elsewhere.
   */
  dependentsOf(what: 'function' | 'type', schema: string, name: string): readonly Dependent[];
  dependentsOfSchema(name: string): readonly Dependent[];
  /** Type names (user-defined) exist in schema other than pg_catalog. */
  typeExists(schema: string | null, name: string): boolean;
}
