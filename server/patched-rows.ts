import type { RowList } from '../guardrails/catalog-rows.ts';

/** Rows of then, with those of now in the place of the ones that no longer count. */
export class PatchedRows<Row> implements RowList<Row, string | number> {
  readonly #then: RowList<Row, string | number>;
  readonly #counts: (row: Row) => boolean;
  readonly #now: RowList<Row, string | number>;

  constructor(
    before: RowList<Row, string | number>,
    counts: (row: Row) => boolean,
    now: RowList<Row, string | number>,
  ) {
    this.#then = before;
    this.#counts = counts;
    this.#now = now;
  }

  of(key: string | number): readonly Row[] {
    return [...this.#then.of(key).filter(this.#counts), ...this.#now.of(key)];
  }

  *[Symbol.iterator](): Generator<Row> {
    for (const row of this.#then) if (this.#counts(row)) yield row;
    yield* this.#now;
  }
}
