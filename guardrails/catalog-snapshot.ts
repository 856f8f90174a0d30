/**
 * The Catalog built from plain rows. Building goes in small steps, so that the caller can give way to other work between
 * them; afterwards the snapshot never changes, and every look-up is a look into a map.
 */
import { classifyBuiltin } from './builtin-functions.ts';
import type { Catalog, EventTrigger, Relation, Routine } from './catalog.ts';
import {
  isBuiltin,
  newForeignKeyEffect,
  newRoutine,
  newRule,
  newTrigger,
  signature,
} from './catalog-objects.ts';
import { type CatalogRowLists, type CatalogRows, noCatalogRows, type RelationRow } from './catalog-rows.ts';
import { SnapshotRelation } from './snapshot-relation.ts';
import { TypeRoutines } from './type-routines.ts';

const ROWS_PER_STEP = 1000;

export class CatalogSnapshot implements Catalog {
  readonly version: number;
  readonly serverVersion: number;
  readonly user: string;
  readonly searchPath: readonly string[];
  readonly searchPathSetting: string;

  eventTriggers: readonly EventTrigger[] = [];

  readonly #schemas: Set<string>;
  readonly #relations = new Map<number, SnapshotRelation>();
  readonly #bySchema = new Map<string, Map<string, Relation>>();
  readonly #byName = new Map<string, Relation[]>();
  readonly #routines = new Map<number, Routine>();
  readonly #routinesByName = new Map<string, Routine[]>();
  readonly #operators = new Map<string, Routine[]>();
  readonly #types: TypeRoutines;

  /** Builds in steps of about a millisecond; drain it with a pause after each step, or all at once. */
  static *build(rows: CatalogRowLists, version: number): Generator<void, CatalogSnapshot> {
    const snapshot = new CatalogSnapshot(rows, version);
    yield* snapshot.#addRoutines(rows);
    yield* snapshot.#addRelations(rows);
    yield* snapshot.#addEffects(rows);
    yield* snapshot.#types.add(rows, (oid) => snapshot.#notable(oid));
    yield* snapshot.#addCalls(rows);
    return snapshot;
  }

  private constructor(rows: CatalogRowLists, version: number) {
    const [session] = rows.session;
    if (session === undefined) throw new Error('the catalog rows lack the session row');
    this.version = version;
    this.serverVersion = session.serverVersion;
    this.user = session.user;
    this.searchPath = session.searchPath;
    this.searchPathSetting = session.searchPathSetting;
    this.#schemas = new Set([...rows.schemas].map(({ name }) => name));
    this.#types = new TypeRoutines((schema, name) =>
      schema === null
        ? (this.#byName.get(name) ?? [])
        : [this.relation(schema, name)].filter((r) => r !== undefined),
    );
  }

  get builtinCasts(): readonly Routine[] {
    return this.#types.builtinCasts;
  }

  schemaExists(name: string): boolean {
    return this.#schemas.has(name);
  }

  relation(schema: string, name: string): Relation | undefined {
    return this.#bySchema.get(schema)?.get(name);
  }

  relationsNamed(name: string): readonly Relation[] {
    return this.#byName.get(name) ?? [];
  }

  relationsIn(schema: string): readonly Relation[] {
    return [...(this.#bySchema.get(schema)?.values() ?? [])];
  }

  routinesNamed(name: string): readonly Routine[] {
    return this.#routinesByName.get(name) ?? [];
  }

  operatorRoutines(name: string): readonly Routine[] {
    return this.#operators.get(name) ?? [];
  }

  typeRoutines(name: string): readonly Routine[] | null {
    return this.#types.named(name);
  }

  routinesOfType(oid: number): readonly Routine[] | null {
    return this.#types.ofOid(oid);
  }

  castRoutines(name: string): readonly Routine[] {
    return this.#types.castsTo(name);
  }

  typeExists(schema: string | null, name: string): boolean {
    return this.#types.exists(schema, name);
  }

  *#addRoutines(rows: CatalogRowLists): Generator<void> {
    const bodies = new Map([...rows.bodies].map((body) => [body.routine, body]));
    const builtins = new Set<string>();
    for (const row of inSteps(rows.routines)) {
      if (row === PAUSE) yield;
      else if (isBuiltin(row) && row.schema === 'pg_catalog') builtins.add(signature(row));
    }
    for (const row of inSteps(rows.routines)) {
      if (row === PAUSE) yield;
      else this.#addRoutine(newRoutine(row, bodies.get(row.oid), builtins));
    }
    for (const { name, routine } of rows.operators) {
      const found = this.#notable(routine);
      if (found) push(this.#operators, name, found);
    }
    this.eventTriggers = [...rows.eventTriggers].flatMap(({ name, routine }) => {
      const found = this.#routines.get(routine);
      return found === undefined ? [] : [{ name, function: found }];
    });
    yield;
  }

  #addRoutine(routine: Routine): void {
    this.#routines.set(routine.oid, routine);
    if (!routine.builtin) push(this.#routinesByName, routine.name, routine);
  }

  /** The routine, if it is one that a decision has to look at: user-defined, or built-in and not harmless. */
  #notable(oid: number): Routine | undefined {
    const routine = this.#routines.get(oid);
    return routine?.builtin && classifyBuiltin(routine.name) === 'harmless' ? undefined : routine;
  }

  *#addRelations(rows: CatalogRowLists): Generator<void> {
    for (const row of inSteps(rows.relations)) {
      if (row === PAUSE) yield;
      else this.#addRelation(row);
    }
  }

  #addRelation(row: RelationRow): void {
    const relation = new SnapshotRelation(row);
    this.#relations.set(row.oid, relation);
    push(this.#byName, row.name, relation);
    const names = this.#bySchema.get(row.schema);
    if (names) names.set(row.name, relation);
    else this.#bySchema.set(row.schema, new Map([[row.name, relation]]));
  }

  /** What reaches from one relation to another. */
  *#addEffects(rows: CatalogRowLists): Generator<void> {
    yield* this.#each(rows.viewReads, 'view', (view, row) => this.#link(view, 'reads', row.relation));
    yield* this.#each(rows.children, 'parent', (parent, row) => this.#link(parent, 'children', row.child));
    yield* this.#each(rows.sequences, 'relation', (owner, row) =>
      this.#link(owner, 'ownedSequences', row.sequence),
    );
    yield* this.#each(rows.foreignKeys, 'referenced', (referenced, row) => {
      const relation = this.#relations.get(row.relation);
      if (relation) referenced.add('referencedBy', newForeignKeyEffect(row, relation));
    });
    yield* this.#each(rows.triggers, 'relation', (relation, row) => {
      const routine = this.#routines.get(row.routine);
      if (routine) relation.add('triggers', newTrigger(row, routine));
    });
  }

  /** Which functions run when a relation is touched. */
  *#addCalls(rows: CatalogRowLists): Generator<void> {
    yield* this.#each(rows.viewCalls, 'view', (view, row) =>
      addCall(view, 'calls', this.#notable(row.routine)),
    );
    yield* this.#each(rows.viewTypes, 'view', (view, row) => {
      for (const routine of this.#types.unwritten(row.type)) addCall(view, 'calls', routine);
    });
    yield* this.#each(rows.implicitCalls, 'relation', (relation, row) => {
      const routine = this.#notable(row.routine);
      const drawsSequence = routine?.builtin && classifyBuiltin(routine.name) === 'sequence';
      if (drawsSequence) return;
      addCall(relation, 'implicitCalls', routine);
      if (row.reads) addCall(relation, 'readCalls', routine);
    });
    yield* this.#each(rows.rules, 'relation', (relation, row) => {
      const called = row.calls.map((oid) => this.#notable(oid)).filter((found) => found !== undefined);
      const calls = [...called, ...row.types.flatMap((type) => this.#types.unwritten(type))];
      relation.add(
        'rules',
        newRule(row, (oid) => this.#relations.get(oid), [...new Set(calls)]),
      );
    });
    yield* this.#each(rows.columnTypes, 'relation', (relation, row) => {
      for (const routine of this.#types.unwritten(row.type)) addCall(relation, 'implicitCalls', routine);
      for (const routine of this.#types.implicitCasts(row.type)) addCall(relation, 'readCalls', routine);
      for (const routine of this.#types.comparisons(row.type)) addCall(relation, 'readCalls', routine);
      const calls = this.#types.checks(row.type);
      if (calls.length > 0)
        for (const column of row.columns)
          relation.add('checkedColumns', { column, holdsOthers: this.#types.holdsOthers(row.type), calls });
    });
  }

  *#each<K extends string, Row extends { readonly [key in K]: number }>(
    rows: Iterable<Row>,
    key: K,
    use: (relation: SnapshotRelation, row: Row) => void,
  ): Generator<void> {
    for (const row of inSteps(rows)) {
      if (row === PAUSE) {
        yield;
        continue;
      }
      const relation = this.#relations.get(row[key]);
      if (relation) use(relation, row);
    }
  }

  #link(relation: SnapshotRelation, list: 'reads' | 'children' | 'ownedSequences', oid: number): void {
    const other = this.#relations.get(oid);
    if (other) relation.add(list, other);
  }
}

function addCall(
  relation: SnapshotRelation,
  list: 'calls' | 'implicitCalls' | 'readCalls',
  routine: Routine | undefined,
): void {
  if (routine !== undefined && !relation[list].includes(routine)) relation.add(list, routine);
}

function push<K, T>(map: Map<K, T[]>, key: K, item: T): void {
  const list = map.get(key);
  if (list) list.push(item);
  else map.set(key, [item]);
}

const PAUSE = Symbol('pause');

/** The rows, with a pause after every thousand. */
function* inSteps<T>(rows: Iterable<T>): Generator<T | typeof PAUSE> {
  let count = 0;
  for (const row of rows) {
    yield row;
    if (++count % ROWS_PER_STEP === 0) yield PAUSE;
  }
}

/** Builds at once; for small catalogs, such as tests write down. */
export function buildCatalog(rows: Partial<CatalogRows>, version = 1): CatalogSnapshot {
  const steps = CatalogSnapshot.build({ ...noCatalogRows, ...rows }, version);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** A database in which there is nothing. */
export const emptyCatalog: Catalog = buildCatalog({});
