/** What hangs on a relation, looked up in the rows of the catalog when a statement asks for it. */
import { classifyBuiltin } from './builtin-functions.ts';
import type {
  CheckedColumn,
  Dependent,
  ForeignKeyEffect,
  Relation,
  Routine,
  Rule,
  Trigger,
} from './catalog.ts';
import { newForeignKeyEffect, newRule, newTrigger } from './catalog-objects.ts';
import type { CatalogRowLists, DependentRow } from './catalog-rows.ts';
import type { TypeRoutines } from './type-routines.ts';

/** FirstLowInvalidHeapAttributeNumber (access/sysattr.h). */
const FIRST_LOW_INVALID = -7;

export interface Finder {
  relation(oid: number): Relation | undefined;
  routine(oid: number): Routine | undefined;
  /** The routine, if it is one that a decision has to look at: user-defined, or built-in and not harmless. */
  notable(oid: number): Routine | undefined;
}

/** Each takes the OID of a relation. Effects on or by what is not there (any more) lead nowhere. */
export class RelationEffects {
  readonly #rows: CatalogRowLists;
  readonly #find: Finder;
  readonly #types: TypeRoutines;

  constructor(rows: CatalogRowLists, find: Finder, types: TypeRoutines) {
    this.#rows = rows;
    this.#find = find;
    this.#types = types;
  }

  relation(oid: number): Relation | undefined {
    return this.#find.relation(oid);
  }

  reads(oid: number): readonly Relation[] {
    return this.#relations(this.#rows.viewReads.of(oid).map(({ relation }) => relation));
  }

  columnsRead(oid: number, of: Relation): readonly string[] | null {
    const names = this.#rows.viewReads
      .of(oid)
      .filter(({ relation }) => relation === of.oid)
      .flatMap(
        ({ columns }) => columns?.map((bit) => of.columnNumbered(bit + FIRST_LOW_INVALID)) ?? [undefined],
      );
    const known = names.filter((name) => name !== undefined);
    return known.length < names.length ? null : [...new Set(known)];
  }

  calls(oid: number): readonly Routine[] {
    const called = this.#rows.viewCalls.of(oid).map(({ routine }) => this.#find.notable(routine));
    const cast = this.#rows.viewTypes.of(oid).flatMap(({ type }) => this.#types.unwritten(type));
    return distinct([...called, ...cast]);
  }

  children(oid: number): readonly Relation[] {
    return this.#relations(this.#rows.children.of(oid).map(({ child }) => child));
  }

  ownedSequences(oid: number): readonly Relation[] {
    return this.#relations(this.#rows.sequences.of(oid).map(({ sequence }) => sequence));
  }

  referencedBy(oid: number): readonly ForeignKeyEffect[] {
    return this.#rows.foreignKeys.of(oid).flatMap((row) => {
      const relation = this.#find.relation(row.relation);
      return relation === undefined ? [] : [newForeignKeyEffect(row, relation)];
    });
  }

  triggers(oid: number): readonly Trigger[] {
    return this.#rows.triggers.of(oid).flatMap((row) => {
      const routine = this.#find.routine(row.routine);
      return routine === undefined ? [] : [newTrigger(row, routine)];
    });
  }

  rules(oid: number): readonly Rule[] {
    return this.#rows.rules.of(oid).map((row) => {
      const called = row.calls.map((each) => this.#find.notable(each));
      const cast = row.types.flatMap((type) => this.#types.unwritten(type));
      return newRule(row, (each) => this.#find.relation(each), distinct([...called, ...cast]));
    });
  }

  implicitCalls(oid: number): readonly Routine[] {
    const cast = this.#rows.columnTypes.of(oid).flatMap(({ type }) => this.#types.unwritten(type));
    return distinct([...this.#implicit(oid, false), ...cast]);
  }

  readCalls(oid: number): readonly Routine[] {
    return this.#reading(
      oid,
      this.#rows.columnTypes.of(oid).map(({ type }) => type),
    );
  }

  callsReading(oid: number, columns: readonly string[]): readonly Routine[] {
    return this.#reading(oid, this.#types.ofColumns(oid, columns));
  }

  #reading(oid: number, types: readonly number[]): readonly Routine[] {
    const compared = types.flatMap((type) => [
      ...this.#types.implicitCasts(type),
      ...this.#types.comparisons(type),
    ]);
    return distinct([...this.#implicit(oid, true), ...compared]);
  }

  checkedColumns(oid: number): readonly CheckedColumn[] {
    return this.#rows.columnTypes.of(oid).flatMap(({ type, columns }) => {
      const calls = this.#types.checks(type);
      const holdsOthers = this.#types.holdsOthers(type);
      return calls.length === 0 ? [] : columns.map((column) => ({ column, holdsOthers, calls }));
    });
  }

  dependents(of: DependentRow['of'], oid: number): readonly Dependent[] {
    return this.#rows.dependents
      .of(oid)
      .filter((row) => row.of === of)
      .map((row) => this.#dependent(row));
  }

  /** What is not found is of a kind that nobody knows. */
  #dependent({ kind, dependent: oid, loses, catalog }: DependentRow): Dependent {
    const relation = kind === 'relation' ? this.#find.relation(oid) : undefined;
    if (relation !== undefined) return { of: 'relation', relation, loses };
    const object = kind === 'routine' ? this.#find.routine(oid) : this.#rows.types.of(oid)[0];
    if (kind === 'relation' || kind === 'other' || object === undefined) return { of: 'other', catalog };
    const { schema, name } = object;
    return {
      of: kind === 'routine' ? 'function' : 'type',
      schema,
      name,
      loses: loses === 'all' ? 'all' : 'part',
    };
  }

  /** Not a default's `nextval`. */
  #implicit(oid: number, whenRead: boolean): readonly Routine[] {
    return this.#rows.implicitCalls.of(oid).flatMap(({ routine, reads }) => {
      const found = whenRead && !reads ? undefined : this.#find.notable(routine);
      const drawsSequence = found?.builtin && classifyBuiltin(found.name) === 'sequence';
      return found === undefined || drawsSequence ? [] : [found];
    });
  }

  #relations(oids: readonly number[]): readonly Relation[] {
    return oids.map((oid) => this.#find.relation(oid)).filter((relation) => relation !== undefined);
  }
}

const distinct = <T>(values: readonly (T | undefined)[]): readonly T[] => [
  ...new Set(values.filter((value) => value !== undefined)),
];
