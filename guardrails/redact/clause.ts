/** What stands between two commas, or words such as AND and WHERE, of one level of brackets. */

import { KEY_COLUMN, VALUE_COLUMN } from './place-words.ts';

export interface Constant {
  /** Where it begins; UTF-16 units. */
  readonly start: number;
  readonly kind: 'string' | 'number' | 'parameter';
  /** Its digits, or the number of the parameter; empty for an empty string. */
  readonly text: string;
  /** It stands right behind `=`, TO and the like. */
  readonly assigned: boolean;
}

/** Constants by their place in a row, from 0. */
export type Row = readonly (readonly Constant[])[];

/** Which places of rows are secret; `count`: how many a row has, null: any number. */
export interface Columns {
  readonly count: number | null;
  readonly secret: ReadonlySet<number>;
}

export const fits = ({ count }: Columns, row: Row): boolean => count === null || count === row.length;

export class Clause {
  /** The word it begins with; empty: a bracket or a comma. */
  readonly opener: string;
  /** There is a name in it that says so. */
  secret: boolean;
  readonly constants: Constant[] = [];
  /** Rows in brackets, whose columns may be named behind them. */
  readonly rows: Row[] = [];
  /** For the rows that follow. */
  columns: Columns | null = null;
  /** Anything but names and the dots between them. */
  more = false;
  /** It is a string, and that the name of a secret: `'password', 'x'`. */
  naming = false;
  /** It has columns such as `key` and `value`. */
  keys = false;
  values = false;
  /** The next AND is of a BETWEEN. */
  between = false;
  #first: string | null = null;
  #others = 0;

  constructor(opener: string, secret: boolean) {
    this.opener = opener;
    this.secret = secret;
  }

  addName(name: string): void {
    if (this.#first === null) this.#first = name;
    else this.#others++;
    this.keys ||= KEY_COLUMN.test(name);
    this.values ||= VALUE_COLUMN.test(name);
    this.between = name === 'between';
  }

  get isEmpty(): boolean {
    return this.#first === null && !this.more;
  }

  /** The one name that it is. */
  get bareName(): string | null {
    return this.more || this.#others > 0 ? null : this.#first;
  }

  /** What is secret in it by the names in it. */
  secrets(): readonly Constant[] {
    const { columns, rows } = this;
    const named = columns !== null && columns.secret.size > 0;
    if (named && rows.length > 0 && rows.every((row) => fits(columns, row)))
      return rows.flatMap((row) => secretsOfRow(columns, row));
    if (named) this.secret = true;
    return this.secret ? this.constants.filter(isValue) : [];
  }
}

export const secretsOfRow = ({ secret }: Columns, row: Row): readonly Constant[] =>
  row.flatMap((constants, place) => (secret.has(place) ? constants : []));

/** A number is one only where it is given as the value: `length(password) < 8` has none. */
const isValue = ({ kind, assigned }: Constant): boolean => kind !== 'number' || assigned;
