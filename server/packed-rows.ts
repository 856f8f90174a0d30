/**
 * Rows sorted by a key, as the texts that the upstream sends: batches of JSON, of which one is read when a key in it is
 * asked for. Hundreds of thousands of rows cost their bytes, outside of the heap, where the garbage collector has nothing
 * to do with them, and no time to take in.
 */
import { hash } from 'node:crypto';
import type { RowList } from '../guardrails/catalog-rows.ts';

/** As `catalogQuery` gives them; numbers that stand for the least and the greatest key in it. */
export interface RowBatch {
  readonly rows: string;
  readonly least: number;
  readonly greatest: number;
}

export class PackedRows<Row extends object> implements RowList<Row, string | number> {
  readonly #key: keyof Row | null;
  /** By number of the batch. */
  readonly #least: number[] = [];
  readonly #greatest: number[] = [];
  readonly #page: Buffer[] = [];
  readonly #start: number[] = [];
  readonly #end: number[] = [];
  /** The last one read: what is asked for next is often near. */
  #at = -1;
  #batch: readonly Row[] = [];

  /** `key`: the property of rows that they are sorted by; null: they are only gone through. */
  constructor(key: keyof Row | null) {
    this.#key = key;
  }

  /** Batches that follow those there are. */
  add(batches: readonly RowBatch[]): void {
    const page = Buffer.from(batches.map(({ rows }) => rows).join(''));
    let end = 0;
    for (const { rows, least, greatest } of batches) {
      this.#start.push(end);
      end += Buffer.byteLength(rows);
      this.#end.push(end);
      this.#page.push(page);
      this.#least.push(least);
      this.#greatest.push(greatest);
    }
  }

  of(key: string | number): readonly Row[] {
    if (this.#page.length === 0) return [];
    const number = typeof key === 'string' ? keyOfText(key) : key;
    const found: Row[] = [];
    for (let at = this.#firstReaching(number); this.#least[at]! <= number; at++)
      for (const row of this.#read(at)) if (this.#key !== null && row[this.#key] === key) found.push(row);
    return found;
  }

  *[Symbol.iterator](): Generator<Row> {
    for (const at of this.#page.keys()) yield* this.#read(at);
  }

  /** The first batch whose greatest key is not less. */
  #firstReaching(key: number): number {
    let [low, high] = [0, this.#greatest.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#greatest[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #read(at: number): readonly Row[] {
    if (at !== this.#at) {
      this.#batch = JSON.parse(this.#page[at]!.toString('utf8', this.#start[at], this.#end[at]));
      this.#at = at;
    }
    return this.#batch;
  }
}

/** What a text is sorted by, as a number that is exact in both worlds: it need not be unique. */
export const keyOfText = (text: string): number => hash('sha256', text, 'buffer').readUIntBE(0, 6);
export const keyOfTextInSql = (text: string): string =>
  `('x' || encode(substr(sha256(convert_to(${text}, 'UTF8')), 1, 6), 'hex'))::bit(48)::int8`;
