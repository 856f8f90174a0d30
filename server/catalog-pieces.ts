/**
 * A catalog in pieces of neighbouring OIDs, so that after a change only a few of them are loaded anew.
 *
 * Rows, of the system catalogs as of ours, are *at home* at the OIDs of what they are about: a trigger at its relation, a
 * constraint at its relations, a dependency at both its ends. What `touched` says of two fingerprints is the pieces in
 * which any row of a system catalog has come, gone or changed. A row of ours that is at home in no such piece, nor in one
 * that holds something depending on what is at home there, is what it was:
 *
 * - It is made of rows of system catalogs that are at home where it is. Those are the same, by their sums.
 * - Rows of other objects that go into it as well tell what can't change while the object lives (the kind of a relation,
 *   whose row type a type is, an operator's function), or names and schemas. Those reach objects that pg_depend has as
 *   dependent, of which all pieces count as touched, too (`dependentPieces`). An edge that has come or gone has a row at home
 *   at its dependent end, since DDL records dependencies when it writes the row that they are about. That is not so for a
 *   sequence that is given to a column, for members of extensions, and for some kinds of objects directly in a schema: the
 *   fingerprint has these edges themselves.
 * - All else it is made of (schemas, roles and what they may bypass, extensions, languages, operators, casts, settings ...)
 *   is compared as a whole, and if it changes, everything is loaded anew.
 *
 * Fingerprint and rows come from one transaction's snapshot, the earlier as well as the later ones: rows of now, put over
 * those of then in the touched pieces, are what a load of everything would give now. TRUNCATE, REFRESH and VACUUM FULL
 * rewrite pg_class without a change of what is compared of it. A role's membership shows by what it leads to: which owners'
 * policies bind the service role.
 */
import {
  type CatalogRowKind,
  type CatalogRows,
  type DependentRow,
  rowKeys,
} from '../guardrails/catalog-rows.ts';

/** A piece is of 2 ** PIECE_BITS OIDs: some thirty relations, of a hundred thousand, with all that is theirs. */
export const PIECE_BITS = 8;

const { operators: _operators, dependents: _dependents, ...keys } = rowKeys;
/** Where rows are at home: mostly by what they are looked up. Those of other kinds are few, and loaded as wholes. */
const HOMES: { readonly [K in CatalogRowKind]?: keyof CatalogRows[K][number] } = { ...keys, names: 'oid' };

/** SQL condition: a row `r` of the kind is at home in the pieces. `isHome` says the same of a row that is here. */
export function homeCondition(kind: CatalogRowKind, pieces: CatalogPieces): string {
  if (kind === 'dependents')
    return `(r.of <> 'schema' and ${pieces.hold('r.object')} or r.kind <> 'other' and ${pieces.hold('r.dependent')})`;
  const home = HOMES[kind];
  return home === undefined ? 'true' : pieces.hold(`r.${home}`);
}

export function isHome(kind: CatalogRowKind, row: object, pieces: CatalogPieces): boolean {
  if (kind !== 'dependents') {
    const home = HOMES[kind];
    return home === undefined || pieces.has((row as Record<string, number>)[home]!);
  }
  const { of, object, kind: its, dependent } = row as DependentRow;
  return (of !== 'schema' && pieces.has(object)) || (its !== 'other' && pieces.has(dependent));
}

/** Some pieces of a catalog. */
export class CatalogPieces {
  readonly #bits: number;
  readonly #pieces: ReadonlySet<number>;
  readonly #intervals: readonly (readonly [first: number, last: number])[];

  constructor(pieces: ReadonlySet<number>, bits = PIECE_BITS) {
    this.#bits = bits;
    this.#pieces = pieces;
    this.#intervals = intervalsOf(pieces, 2 ** bits);
  }

  /** Row types are given by the negated OID of their relation. */
  has(oid: number): boolean {
    return this.#pieces.has(Math.floor(Math.abs(oid) / 2 ** this.#bits));
  }

  /** SQL condition: an expression of type oid is in one of them. */
  holdOid(expression: string): string {
    return this.#anyInterval((first, last) => `${expression} between '${first}' and '${last}'`);
  }

  /** The same of one of type int8. */
  hold(expression: string): string {
    return this.#anyInterval((first, last) => `abs(${expression}) between '${first}' and '${last}'`);
  }

  #anyInterval(condition: (first: number, last: number) => string): string {
    return `(${['false', ...this.#intervals.map(([first, last]) => condition(first, last))].join(' or ')})`;
  }
}

function intervalsOf(pieces: ReadonlySet<number>, size: number): readonly (readonly [number, number])[] {
  const intervals: [number, number][] = [];
  for (const piece of [...pieces].sort((one, other) => one - other)) {
    const [first, last] = [Math.max(1, piece * size), piece * size + size - 1]; // 0 is no object
    const before = intervals.at(-1);
    if (before !== undefined && before[1] + 1 === first) before[1] = last;
    else intervals.push([first, last]);
  }
  return intervals;
}
