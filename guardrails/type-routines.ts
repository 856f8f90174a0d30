/** Which functions run when a value becomes, or is, of a user-defined type: a closure over the types it is made of. */
import type { Relation, Routine, TypesPresent } from './catalog.ts';
import type { CatalogRowLists, CatalogRows } from './catalog-rows.ts';

interface TypeFinder {
  /** User-defined types of that name, in any schema. */
  types(name: string): readonly Type[];
  relations(name: string): readonly Relation[];
  /** The routine, if it is one that a decision has to look at. */
  notable(oid: number): Routine | undefined;
}

interface Type {
  readonly oid: number;
  readonly schema: string;
}

interface Cast {
  readonly source: number;
  readonly routine: Routine;
}

/** PostgreSQL's own types have lower OIDs; row types have negative ones. */
const FIRST_NORMAL_OID = 16384;

const mayBePresent = (type: number, present: TypesPresent): boolean =>
  present === null || (type >= 0 && type < FIRST_NORMAL_OID) || present.has(type);

/** Relations of these kinds have a row type of their name. */
const HAS_ROW_TYPE = new Set<Relation['kind']>([
  'table',
  'partitioned',
  'view',
  'materialized',
  'foreign',
  'composite',
]);

export class TypeRoutines {
  /** Of casts between built-in types. */
  readonly builtinCasts: Routine[] = [];
  readonly #rows: CatalogRowLists;
  readonly #find: TypeFinder;
  readonly #castsTo = new Map<string, Cast[]>();
  readonly #implicitCasts = new Map<number, Routine[]>();
  /** Those of #castsTo that apply without being written. */
  readonly #assignedFrom = new Map<string, Routine[]>();
  /** Of types, and of built-in types by name. */
  readonly #comparing = new Map<number | string, Routine[]>();
  readonly #compared = new Set<Routine>();
  readonly #closures = new Map<number, readonly Routine[]>();

  constructor(rows: CatalogRowLists, find: TypeFinder) {
    this.#rows = rows;
    this.#find = find;
    for (const row of rows.operatorClasses) this.#addComparison(row, find.notable(row.routine));
    for (const row of rows.casts) this.#addCast(row, find.notable(row.routine));
  }

  #addCast(row: CatalogRows['casts'][number], routine: Routine | undefined): void {
    if (routine !== undefined) append(this.#castsTo, row.target, { source: row.source, routine });
    if (row.implicit) {
      append(this.#implicitCasts, row.source, routine);
      append(this.#assignedFrom, row.target, routine);
    }
    if (row.implicit && row.builtin && routine !== undefined && ownCode(routine))
      this.builtinCasts.push(routine);
  }

  /** A built-in type has no closure to ask for by name. */
  #addComparison(row: CatalogRows['operatorClasses'][number], routine: Routine | undefined): void {
    if (routine === undefined) return;
    this.#compared.add(routine);
    append(this.#comparing, row.type, routine);
    if (this.#find.types(row.name).length === 0) append(this.#comparing, row.name, routine);
  }

  exists(schema: string | null, name: string): boolean {
    const types = this.#find.types(name);
    if (types.some((type) => schema === null || type.schema === schema)) return true;
    return this.#rowTypes(schema, name).length > 0;
  }

  /** `null`: no user-defined type of that name, and no user-defined cast to a built-in one. */
  named(name: string, present: TypesPresent): readonly Routine[] | null {
    const own = [...this.castsTo(name, present), ...(this.#comparing.get(name) ?? [])];
    const types = this.oidsNamed(name);
    if (own.length === 0 && types.length === 0 && !this.#castsTo.has(name)) return null;
    const routines = new Set(own);
    for (const type of types) for (const routine of this.closure(type)) routines.add(routine);
    return [...routines];
  }

  ofLiteral(name: string): readonly Routine[] {
    return [...new Set(this.oidsNamed(name).flatMap((type) => this.closure(type)))];
  }

  oidsNamed(name: string): readonly number[] {
    return [...this.#find.types(name), ...this.#rowTypes(null, name)].map(({ oid }) => oid);
  }

  /** What runs where a value is made one of the type; null: no such type is known. */
  ofOid(oid: number): readonly Routine[] | null {
    return this.#rows.types.of(oid).length > 0 ? this.closure(oid) : null;
  }

  /** Functions of user-defined casts to the type of that name. */
  castsTo(name: string, present: TypesPresent): readonly Routine[] {
    return this.#castsTo.size === 0 ? [] : this.#casts([name, ...this.#madeOf(name)], present);
  }

  /** Of casts to the fields of a row type of that name: which built-in types those are of is not known. */
  castsToFields(name: string, present: TypesPresent): readonly Routine[] {
    if (this.#castsTo.size === 0 || !this.oidsNamed(name).some((oid) => this.#holdsRow(oid))) return [];
    const builtin = [...this.#castsTo.keys()].filter((target) => this.#find.types(target).length === 0);
    return this.#casts(builtin, present);
  }

  #casts(targets: Iterable<string>, present: TypesPresent): readonly Routine[] {
    const casts = [...new Set(targets)].flatMap((target) => this.#castsTo.get(target) ?? []);
    return casts.filter(({ source }) => mayBePresent(source, present)).map(({ routine }) => routine);
  }

  /** A cast to a domain casts to what it is over, one to an array its elements, one to a row its fields. */
  #madeOf(name: string): readonly string[] {
    const parts = this.oidsNamed(name).flatMap((oid) => [...this.within(oid)]);
    const rows = parts.flatMap((part) => this.#rows.types.of(part));
    return rows.flatMap((row) => [row.name, row.base ?? []].flat());
  }

  #holdsRow(type: number): boolean {
    return [...this.within(type)].some((part) => part < 0);
  }

  castsFrom(types: ReadonlySet<number>): readonly Routine[] {
    const casts = [...this.#castsTo.values()].flat();
    return casts.filter(({ source }) => types.has(source)).map(({ routine }) => routine);
  }

  /**
   * What runs, without being written, where values of the type are made: checks of domains, casts that apply by
   * themselves. Not an extension's own functions: they come with its types, and run wherever those are used.
   */
  unwritten(type: number): readonly Routine[] {
    return [...this.checks(type), ...this.implicitCasts(type), ...this.#castsInto(type)];
  }

  castsInto(name: string): readonly Routine[] {
    return this.#assignedFrom.size === 0 ? [] : this.oidsNamed(name).flatMap((type) => this.#castsInto(type));
  }

  /** Casts to it, or to what it is made of, that apply by themselves. */
  #castsInto(type: number): readonly Routine[] {
    if (this.#assignedFrom.size === 0) return [];
    const names = [...this.within(type)].flatMap((part) => this.#rows.types.of(part).map(({ name }) => name));
    return names.flatMap((name) => this.#assignedFrom.get(name) ?? []).filter(ownCode);
  }

  /** Checks of the domains in it. */
  checks(type: number): readonly Routine[] {
    return this.closure(type).filter(ownCode);
  }

  /** Is the type made of other user-defined ones? */
  holdsOthers(type: number): boolean {
    return this.#parts(type).length > 0;
  }

  /** Casts from the type that apply by themselves, and are not an extension's. */
  implicitCasts(type: number): readonly Routine[] {
    return (this.#implicitCasts.get(type) ?? []).filter(ownCode);
  }

  /** Functions that compare values of the type, as ORDER BY, DISTINCT, GROUP BY and UNION do without naming an operator. */
  comparisons(type: number): readonly Routine[] {
    return this.#compared.size === 0
      ? []
      : this.closure(type).filter((routine) => this.#compared.has(routine));
  }

  /** Functions of the type and of all the types it is made of. */
  closure(type: number): readonly Routine[] {
    const known = this.#closures.get(type);
    if (known) return known;
    const closure = [...new Set([...this.within(type)].flatMap((part) => this.#calls(part)))];
    this.#closures.set(type, closure);
    return closure;
  }

  /** In whole rows, or in these columns. */
  ofRelation(oid: number, columns: readonly string[] | 'all'): ReadonlySet<number> {
    if (columns === 'all') return this.within(-oid);
    const touched = this.ofColumns(oid, columns);
    return new Set(touched.flatMap((type) => [...this.within(type)]));
  }

  ofColumns(oid: number, touched: readonly string[]): readonly number[] {
    const rows = this.#rows.columnTypes.of(oid);
    return rows
      .filter(({ columns }) => columns.some((each) => touched.includes(each)))
      .map(({ type }) => type);
  }

  /** The type and what it is made of. */
  within(type: number): ReadonlySet<number> {
    const seen = new Set([type]); // a Set grows while we walk it, and types may contain each other
    for (const part of seen) for (const inner of this.#parts(part)) seen.add(inner);
    return seen;
  }

  /** A value of the type, once there, may be cast to another without that being written. */
  #calls(type: number): readonly Routine[] {
    const called = this.#rows.typeCalls.of(type).map(({ routine }) => this.#find.notable(routine));
    const used = [...(this.#comparing.get(type) ?? []), ...this.implicitCasts(type)];
    return [...called, ...used].filter((routine) => routine !== undefined);
  }

  /** A row type is made of the types of its columns. */
  #parts(type: number): readonly number[] {
    const columns = type < 0 ? this.#rows.columnTypes.of(-type) : [];
    return [...this.#rows.typeParts.of(type).map(({ part }) => part), ...columns.map((row) => row.type)];
  }

  #rowTypes(schema: string | null, name: string): readonly Type[] {
    return this.#find
      .relations(name)
      .filter((relation) => schema === null || relation.schema === schema)
      .filter((relation) => !relation.system && HAS_ROW_TYPE.has(relation.kind))
      .map((relation) => ({ oid: -relation.oid, schema: relation.schema }));
  }
}

const ownCode = ({ extension }: Routine): boolean => extension === null;

function append<K, T>(map: Map<K, T[]>, key: K, item: T | undefined): void {
  if (item === undefined) return;
  const list = map.get(key);
  if (list) list.push(item);
  else map.set(key, [item]);
}
