/**
 * The Catalog over plain rows, which never change. Nothing is built ahead: what statements name is looked up in the rows
 * when they name it, and kept, so that a snapshot costs the same whatever the size of the database.
 */
import { classifyBuiltin } from './builtin-functions.ts';
import type { Catalog, Dependent, EventTrigger, Relation, Routine, TypesPresent } from './catalog.ts';
import { isBuiltin, newRoutine } from './catalog-objects.ts';
import {
  type CatalogRowLists,
  type CatalogRows,
  type NameRow,
  noCatalogRows,
  type RoutineRow,
  type RowList,
  rowKeys,
} from './catalog-rows.ts';
import { type Finder, RelationEffects } from './relation-effects.ts';
import { SnapshotRelation } from './snapshot-relation.ts';
import { TypeRoutines } from './type-routines.ts';

/** What stands under a name. */
interface Named {
  /** OIDs by schema. */
  readonly relations: ReadonlyMap<string, number>;
  /** OIDs; the built-in ones are those of pg_catalog. */
  readonly routines: readonly number[];
  readonly builtins: readonly number[];
  readonly types: readonly NameRow[];
}

/** Names looked up are remembered, found or not, until there are this many. */
const MOST_NAMES = 20_000;

export class CatalogSnapshot implements Catalog {
  readonly origin: string;
  readonly version: number;
  readonly serverVersion: number;
  readonly encoding: string;
  readonly user: string;
  readonly searchPath: readonly string[];
  readonly searchPathSetting: string;
  readonly eventTriggers: readonly EventTrigger[];

  readonly #rows: CatalogRowLists;
  /** OIDs by name. */
  readonly #schemas: ReadonlyMap<string, number>;
  readonly #effects: RelationEffects;
  readonly #types: TypeRoutines;
  readonly #named = new Map<string, Named>();
  readonly #relations = new Map<number, Relation | undefined>();
  readonly #routines = new Map<number, Routine | undefined>();

  constructor(rows: CatalogRowLists, version: number) {
    const [session] = rows.session;
    if (session === undefined) throw new Error('the catalog rows lack the session row');
    this.origin = session.origin;
    this.version = version;
    this.serverVersion = session.serverVersion;
    this.encoding = session.encoding ?? 'UTF8';
    this.user = session.user;
    this.searchPath = session.searchPath;
    this.searchPathSetting = session.searchPathSetting;
    this.#rows = rows;
    this.#schemas = new Map([...rows.schemas].map(({ name, oid }) => [name, oid]));
    const find: Finder = {
      relation: (oid) => this.#relation(oid),
      routine: (oid) => this.#routine(oid),
      notable: (oid) => this.#notable(oid),
    };
    this.#types = new TypeRoutines(rows, {
      notable: find.notable,
      types: (name) => this.#lookUp(name).types,
      relations: (name) => this.relationsNamed(name),
    });
    this.#effects = new RelationEffects(rows, find, this.#types);
    this.eventTriggers = [...rows.eventTriggers].flatMap(({ name, routine }) => {
      const found = this.#routine(routine);
      return found === undefined ? [] : [{ name, function: found }];
    });
  }

  get builtinCasts(): readonly Routine[] {
    return this.#types.builtinCasts;
  }

  schemaExists(name: string): boolean {
    return this.#schemas.has(name);
  }

  relation(schema: string, name: string): Relation | undefined {
    const oid = this.#lookUp(name).relations.get(schema);
    return oid === undefined ? undefined : this.#relation(oid);
  }

  relationsNamed(name: string): readonly Relation[] {
    return [...this.#lookUp(name).relations.values()]
      .map((oid) => this.#relation(oid))
      .filter((relation) => relation !== undefined);
  }

  routinesNamed(name: string): readonly Routine[] {
    return this.#lookUp(name)
      .routines.map((oid) => this.#routine(oid))
      .filter((routine) => routine !== undefined);
  }

  operatorRoutines(name: string, present: TypesPresent = null): readonly Routine[] {
    return this.#notables(
      this.#rows.operators
        .of(name)
        .filter(({ type }) => present === null || typeof type !== 'number' || present.has(type)),
    );
  }

  systemOperatorRoutines(name: string): readonly Routine[] {
    return this.#notables(this.#rows.operators.of(name).filter(({ system }) => system));
  }

  operatorMakesTypes(name: string): boolean {
    return this.#rows.operators
      .of(name)
      .some(({ type, gives }) => typeof type !== 'number' && gives !== false);
  }

  typeRoutines(name: string, present: TypesPresent = null): readonly Routine[] | null {
    return this.#types.named(name, present);
  }

  literalRoutines(name: string): readonly Routine[] {
    return this.#types.ofLiteral(name);
  }

  castsInto(name: string): readonly Routine[] {
    return this.#types.castsInto(name);
  }

  routinesOfType(oid: number): readonly Routine[] | null {
    return this.#types.ofOid(oid);
  }

  castRoutines(name: string, present: TypesPresent = null): readonly Routine[] {
    return this.#types.castsTo(name, present);
  }

  fieldCastRoutines(name: string, present: TypesPresent = null): readonly Routine[] {
    return this.#types.castsToFields(name, present);
  }

  routinesUsingType(oid: number): readonly Routine[] {
    const types = new Set(this.#types.within(oid));
    const operators = [...this.#rows.operators].filter(
      ({ type }) => typeof type === 'number' && types.has(type),
    );
    return [...this.#notables(operators), ...this.#types.castsFrom(types)];
  }

  #notables(rows: readonly { readonly routine: number }[]): readonly Routine[] {
    return rows.map(({ routine }) => this.#notable(routine)).filter((routine) => routine !== undefined);
  }

  typesOfRelation(oid: number, columns: readonly string[] | 'all'): Iterable<number> {
    return this.#types.ofRelation(oid, columns);
  }

  typesNamed(name: string): Iterable<number> {
    return this.#types.oidsNamed(name).flatMap((oid) => [...this.#types.within(oid)]);
  }

  typeExists(schema: string | null, name: string): boolean {
    return this.#types.exists(schema, name);
  }

  dependentsOf(what: 'function' | 'type', schema: string, name: string): readonly Dependent[] {
    const { routines, types } = this.#lookUp(name);
    if (what === 'type')
      return [
        ...types
          .filter((type) => type.schema === schema)
          .flatMap(({ oid }) => this.#effects.dependents('type', oid)),
        ...(this.relation(schema, name)?.dependents ?? []), // a composite type is a relation, too
      ];
    return routines
      .filter((oid) => this.#routine(oid)?.schema === schema)
      .flatMap((oid) => this.#effects.dependents('routine', oid));
  }

  dependentsOfSchema(name: string): readonly Dependent[] {
    const oid = this.#schemas.get(name);
    return oid === undefined ? [] : this.#effects.dependents('schema', oid);
  }

  #lookUp(name: string): Named {
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    const named = newNamed(this.#rows.names.of(name));
    if (this.#named.size >= MOST_NAMES) this.#named.clear();
    this.#named.set(name, named);
    return named;
  }

  #relation(oid: number): Relation | undefined {
    return remembered(this.#relations, oid, () => {
      const [row] = this.#rows.relations.of(oid);
      return row && new SnapshotRelation(row, this.#effects);
    });
  }

  #routine(oid: number): Routine | undefined {
    return remembered(this.#routines, oid, () => {
      const [row] = this.#rows.routines.of(oid);
      if (row === undefined || isBuiltin(row)) return row && newRoutine(row);
      const [body] = this.#rows.bodies.of(oid);
      return newRoutine(row, {
        ...(body && { body }),
        ...(row.calls && { calls: row.calls.flatMap((called) => this.#routine(called) ?? []) }),
        ...(this.#isShadowed(row) && { shadowed: true }),
      });
    });
  }

  /** Not a procedure: CALL counts OUT arguments too. */
  #isShadowed({ name, kind, args }: RoutineRow): boolean {
    if (kind === 'p') return false;
    return this.#lookUp(name).builtins.some((oid) => this.#routine(oid)?.args === args);
  }

  #notable(oid: number): Routine | undefined {
    const routine = this.#routine(oid);
    return routine?.builtin && classifyBuiltin(routine.name) === 'harmless' ? undefined : routine;
  }
}

function newNamed(rows: readonly NameRow[]): Named {
  const those = (of: NameRow['of']) => rows.filter((row) => row.of === of);
  const routines = those('routine');
  return {
    relations: new Map(those('relation').map(({ schema, oid }) => [schema, oid])),
    routines: routines.filter((row) => !isBuiltin(row)).map(({ oid }) => oid),
    builtins: routines.filter((row) => isBuiltin(row) && row.schema === 'pg_catalog').map(({ oid }) => oid),
    types: those('type'),
  };
}

function remembered<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  if (!known.has(key)) known.set(key, make());
  return known.get(key)!;
}

/** A catalog over rows that are at hand, such as tests write down; their names need not be given. */
export function buildCatalog(given: Partial<CatalogRows>, version = 1): CatalogSnapshot {
  const rows = { ...noCatalogRows, ...given };
  const named = (of: NameRow['of'], objects: readonly Omit<NameRow, 'of'>[]): readonly NameRow[] =>
    objects.map(({ name, schema, oid }) => ({ name, schema, of, oid }));
  const names = [
    ...named('relation', rows.relations),
    ...named('routine', rows.routines),
    ...named('type', rows.types),
  ];
  const lists = Object.entries({ ...rows, names }).map(([kind, list]) => [
    kind,
    new ListedRows<object>(list, rowKeys[kind as keyof typeof rowKeys]),
  ]);
  return new CatalogSnapshot(Object.fromEntries(lists) as CatalogRowLists, version);
}

class ListedRows<Row extends object> implements RowList<Row, unknown> {
  readonly #rows: readonly Row[];
  readonly #key: string | undefined;

  constructor(rows: readonly Row[], key: string | undefined) {
    this.#rows = rows;
    this.#key = key;
  }

  of(key: unknown): readonly Row[] {
    return this.#rows.filter((row) => (row as Record<string, unknown>)[this.#key ?? ''] === key);
  }

  [Symbol.iterator](): Iterator<Row> {
    return this.#rows[Symbol.iterator]();
  }
}

/** A database in which there is nothing. */
export const emptyCatalog: Catalog = buildCatalog({});
