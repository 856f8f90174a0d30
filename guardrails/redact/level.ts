import { Clause, type Columns, type Constant, fits, type Row, secretsOfRow } from './clause.ts';

/** Rows that are kept to be named later (`FROM (VALUES ...) AS t(name, password)`); of more, none are. */
const MOST_ROWS = 10_000;

export interface LevelKind {
  /** `(`, `[` or `case`; empty: the statement. */
  readonly bracket: string;
  /** The name before the bracket, if it makes it a call. */
  readonly call: string | null;
  /** The word or symbol before it. */
  readonly before: string;
  /** It is a row of VALUES. */
  readonly row: boolean;
}

/** What stands in brackets, in CASE ... END, or in a statement outside of any. */
export class Level {
  readonly kind: LevelKind;
  /** Of the rows in it, and of itself if it is one. */
  columns: Columns | null;
  clause = new Clause('', false);
  /** All constants from here on are secret. */
  leading: boolean;
  query: 'select' | 'values' | null = null;
  /** What stands here makes its value: not so behind FROM. */
  reaching = true;
  #secret = false;
  #place: Constant[] = [];
  #row: (readonly Constant[])[] = [];
  #rows: Row[] = [];
  /** Constants that no row has told the meaning of. */
  #left: Constant[] = [];
  /** All names so far, if it has nothing else. */
  #names: string[] | null = [];

  constructor(kind: LevelKind, columns: Columns | null, leading: boolean) {
    this.kind = kind;
    this.columns = columns;
    this.leading = leading;
  }

  /** Ends the clause; returns what is secret in it. */
  endClause(opener: string, secret = false): readonly Constant[] {
    const { clause } = this;
    const secrets = clause.secrets();
    if (clause.bareName === null) this.#names = null;
    else this.#names?.push(clause.bareName);
    if (this.reaching) {
      this.#secret ||= clause.secret;
      for (const constant of clause.constants) this.#place.push(constant);
      if (this.#rows.length + clause.rows.length <= MOST_ROWS) this.#rows.push(...clause.rows);
    }
    this.clause = new Clause(opener, secret);
    return secrets;
  }

  /** At a comma. Outside of brackets there are rows in a SELECT alone. */
  nextPlace(): void {
    if (this.reaching && (this.query !== null || this.kind.bracket !== '')) this.#row.push(this.#place);
    this.#place = [];
  }

  /** At the end of what may be a row; returns what is secret in it by its place. */
  endRow(): readonly Constant[] {
    const row: Row = [...this.#row, this.#place];
    this.#row = [];
    this.#place = [];
    if (this.query !== 'values' && this.columns !== null && fits(this.columns, row))
      return secretsOfRow(this.columns, row);
    const constants = row.flat();
    if (constants.length > 0 && this.query !== 'values') this.#rows.push(row);
    for (const constant of constants) this.#left.push(constant);
    return [];
  }

  /** Hands to the clause around it what this is to that, when it has ended. */
  endWithin(around: Clause): void {
    if (this.kind.before === 'enum') return;
    const [only, more] = this.#names ?? [];
    if (more !== undefined) return; // a list of columns
    if (only === undefined) around.more = true;
    if (this.#secret && !around.secret) around.secret = true;
    else for (const constant of this.#left) around.constants.push(constant);
    if (this.kind.call === null && around.rows.length + this.#rows.length <= MOST_ROWS)
      around.rows.push(...this.#rows);
  }

  /** Of rows in brackets that begin here. */
  get columnsWithin(): Columns | null {
    return this.kind.row ? null : (this.clause.columns ?? this.columns);
  }

  /** The names in it, if it has nothing else. */
  get names(): readonly string[] | null {
    return this.#names;
  }
}
