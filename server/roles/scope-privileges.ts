/**
 * What a scope comes to in PostgreSQL's own privileges. The guardrails themselves are asked about each object, so that
 * both walls stand on the same ground: a view over an excluded table, or a table whose trigger writes elsewhere, is not
 * granted either.
 */
import type { Catalog, Relation } from '../../guardrails/catalog.ts';
import { Judge } from '../../guardrails/decide/judge.ts';
import { judgeNeed } from '../../guardrails/decide/needs.ts';
import { isHarmlessExtension } from '../../guardrails/harmless-extensions.ts';
import { INITIAL_NAMES } from '../../guardrails/names.ts';
import type { CompiledScope } from '../../guardrails/scope.ts';
import type { Action, GrantAction, Scope } from '../../guardrails/types.ts';
import type { Grantable, GrantableRelation } from './grantable.ts';
import { impliedRoutines } from './implied-routines.ts';
import type { Privilege, PrivilegeName } from './privilege.ts';

/** Actions that come with ownership or with attributes of a role, so that no GRANT stands for them. */
const BEYOND: ReadonlySet<GrantAction> = new Set(['create', 'alter', 'drop', 'admin']);
/** Temporary objects are the session's own; custom settings need no privilege. */
const NEEDS_NO_PRIVILEGE = /^(!|pg_temp\.|setting )/;

/** The actions of a scope that no privilege stands for; with one of them, a role of the grant's own would fall short. */
export function actionsBeyondPrivileges(scope: Scope): readonly GrantAction[] {
  const lines = scope.filter(({ on }) => !on.every((pattern) => NEEDS_NO_PRIVILEGE.test(pattern)));
  return [...new Set(lines.flatMap(({ actions }) => actions.filter((action) => BEYOND.has(action))))];
}

type DataAction = 'select' | 'insert' | 'update' | 'delete' | 'truncate';

const WRITABLE: readonly DataAction[] = ['select', 'insert', 'update', 'delete'];
const STORED: readonly DataAction[] = [...WRITABLE, 'truncate'];
/** By pg_class.relkind. Only these kinds have privileges. */
const ACTIONS: Readonly<Record<string, readonly DataAction[]>> = {
  r: STORED,
  p: STORED,
  f: STORED,
  v: WRITABLE,
  m: ['select'],
  S: ['select', 'update'],
};
const BY_COLUMN: ReadonlySet<DataAction> = new Set(['select', 'insert', 'update']);

/** Objects that are looked at between two pauses. */
const STEP = 100;

/** The privileges that a scope comes to, of those that can be granted. Goes in steps of about a millisecond. */
export function* scopePrivileges(
  scope: CompiledScope,
  catalog: Catalog,
  grantable: Grantable,
): Generator<void, readonly Privilege[]> {
  const translation = new Translation(scope, catalog, grantable);
  for (const [index, relation] of grantable.relations.entries()) {
    translation.addRelation(relation);
    if (index % STEP === 0) yield;
  }
  translation.addSequences();
  translation.addRoutines();
  translation.addSchemas();
  translation.addDatabase();
  return translation.privileges;
}

class Translation {
  readonly privileges: Privilege[] = [];
  readonly #scope: CompiledScope;
  readonly #catalog: Catalog;
  readonly #grantable: Grantable;
  /** OIDs of relations that are granted. */
  readonly #relations = new Set<number>();
  /** OIDs of sequences that defaults draw from. */
  readonly #drawnFrom = new Set<number>();
  /** There are routines that not everybody may execute. */
  readonly #hasGuarded: boolean;
  /** OIDs of routines that run along with what is granted on relations. */
  readonly #implied = new Set<number>();
  readonly #schemas = new Set<string>();

  constructor(scope: CompiledScope, catalog: Catalog, grantable: Grantable) {
    this.#scope = scope;
    this.#catalog = catalog;
    this.#grantable = grantable;
    this.#hasGuarded = grantable.routines.some(({ isPublic }) => !isPublic);
  }

  addRelation(granted: GrantableRelation): void {
    const relation = this.#catalog.relation(granted.schema, granted.name);
    if (relation?.oid !== granted.oid) return; // the snapshot is older: the next one will have it
    for (const action of ACTIONS[granted.kind] ?? []) {
      const name = action.toUpperCase() as PrivilegeName;
      if (!granted.grantable.includes(name) || !this.#worthAsking(action, relation)) continue;
      const columns = this.#columns(action, relation);
      for (const column of columns) this.#add(granted, name, column);
      if (columns.length === 0) continue;
      if (action === 'insert' || (action === 'update' && columns.includes(null))) this.#drawFrom(relation);
      if (this.#hasGuarded) for (const oid of impliedRoutines(action, relation)) this.#implied.add(oid);
    }
  }

  /** A default's nextval() needs USAGE of whoever inserts, or updates to DEFAULT. */
  addSequences(): void {
    for (const granted of this.#grantable.relations)
      if (this.#drawnFrom.has(granted.oid) && granted.grantable.includes('USAGE'))
        this.#add(granted, 'USAGE', null);
  }

  addRoutines(): void {
    for (const { oid, schema, name, object, isPublic } of this.#grantable.routines) {
      const routine = this.#catalog.routinesNamed(name).find((each) => each.oid === oid);
      if (routine === undefined || routine.schema !== schema) continue;
      const isNamed =
        isHarmlessExtension(routine.extension) ||
        this.#scope.everything('execute') ||
        this.#scope.covers('execute', { schema, name, args: routine.args }).covered;
      if (isNamed) this.#schemas.add(schema);
      if (!isPublic && (isNamed || this.#implied.has(oid)))
        this.privileges.push({ on: 'ROUTINE', oid, object, column: null, name: 'EXECUTE' });
    }
  }

  /** Without USAGE nothing in a schema can be named; by itself it gives nothing away that the catalog does not. */
  addSchemas(): void {
    for (const { relation, schema } of this.#grantable.typeSchemas)
      if (this.#relations.has(relation)) this.#schemas.add(schema);
    for (const { oid, name, object, isPublic } of this.#grantable.schemas)
      if (this.#schemas.has(name) && !isPublic)
        this.privileges.push({ on: 'SCHEMA', oid, object, column: null, name: 'USAGE' });
  }

  addDatabase(): void {
    const { oid, object, grantable } = this.#grantable.database;
    const add = (name: PrivilegeName) => {
      if (grantable.includes(name)) this.privileges.push({ on: 'DATABASE', oid, object, column: null, name });
    };
    add('CONNECT');
    if (this.#scope.coversSchema('create', 'pg_temp')) add('TEMPORARY');
  }

  #add({ oid, object, kind, schema }: GrantableRelation, name: PrivilegeName, column: string | null): void {
    this.privileges.push({ on: kind === 'S' ? 'SEQUENCE' : 'TABLE', oid, object, column, name });
    this.#relations.add(oid);
    this.#schemas.add(schema);
  }

  #drawFrom(relation: Relation): void {
    for (const { oid } of relation.ownedSequences) this.#drawnFrom.add(oid);
    for (const base of relation.reads) this.#drawFrom(base); // what is inserted into a view goes there
  }

  /** A cheap look at the names alone, before the guardrails follow what hangs on the relation. */
  #worthAsking(action: Action, { schema, name }: Relation): boolean {
    const { covered, missing } = this.#scope.covers(action, { schema, name, columns: [], all: true });
    return covered || missing.length > 0 || this.#scope.everything(action);
  }

  /** `[null]`: the whole relation. */
  #columns(action: DataAction, relation: Relation): readonly (string | null)[] {
    if (this.#allows(action, relation, null)) return [null];
    if (!BY_COLUMN.has(action)) return [];
    return relation.columns.filter((column) => this.#allows(action, relation, column));
  }

  /** No privilege stands for a table without its children. It is granted if ONLY it may be used: that must work. */
  #allows(action: Action, relation: Relation, column: string | null): boolean {
    const mayBeAlone = relation.kind === 'table' && relation.children.length > 0;
    return (
      this.#judges(action, relation, column, false) ||
      (mayBeAlone && this.#judges(action, relation, column, true))
    );
  }

  #judges(action: Action, { schema, name }: Relation, column: string | null, only: boolean): boolean {
    const judge = new Judge(this.#scope, this.#catalog, INITIAL_NAMES);
    judgeNeed(judge, {
      ...{ kind: 'relation', action, schema, name, only, ifTouched: false, cascade: false, via: null },
      ...{ columns: column === null ? [] : [column], all: column === null },
    });
    const { reasons, refused, unresolved } = judge;
    return (
      reasons.length > 0 && reasons.every(({ allowed }) => allowed) && refused.length === 0 && !unresolved
    );
  }
}
