/**
 * Name scopes of nested queries. Each query has a level with its range-table entries and WITH queries. Column references
 * are gathered first and matched when the level closes, since RETURNING, LATERAL and join conditions see entries that
 * come later in the text. A reference is matched at every level on its way up, not only at the nearest one: which of two
 * equal aliases PostgreSQL picks depends on LATERAL, and touching one column too many only errs towards denial.
 */
import type { RelationNeed } from '../facts.ts';

/** A relation need under construction. */
export type Use = { -readonly [K in keyof Omit<RelationNeed, 'kind' | 'columns'>]: RelationNeed[K] } & {
  readonly columns: Set<string>;
};

/** Something in FROM (or the target of INSERT, UPDATE ...) that column references may mean. */
export interface Entry {
  readonly alias: string;
  /** As written, for references of the form schema.relation.column. */
  readonly schema: string | null;
  /** Whose columns a reference through this entry touches. */
  readonly uses: readonly Use[];
  /** What FOR UPDATE over this entry locks. */
  readonly locks: readonly Use[];
  /** The relation it stands for; of a join, all of them. */
  readonly of: readonly { readonly schema: string | null; readonly name: string }[];
  /** Its columns have other names here: `t AS a(x, y)`. */
  readonly renamed: boolean;
}

/** `qualifier.column`; a column of `*` is all of them. */
interface Reference {
  readonly schema: string | null;
  readonly qualifier: string | null;
  readonly column: string;
  /** Some level has an entry for the qualifier. */
  matched: boolean;
}

interface Sink {
  /** May that many more pairs of an entry and a reference be told apart? */
  mayTouch(pairs: number): boolean;
  attribute(name: string, of: Entry['of']): void;
}

export class Level {
  readonly entries: Entry[] = [];
  readonly queries = new Set<string>();
  /** See own-row.ts. */
  ownRow = false;
  /** What pg_settings.name is in this query. */
  namedSetting: string | null = null;
  readonly #parent: Level | null;
  readonly #references = new Map<string, Reference>();
  #star = false;

  constructor(parent: Level | null) {
    this.#parent = parent;
  }

  get outermost(): boolean {
    return this.#parent === null;
  }

  /** Is the name a WITH query that can be seen from here? */
  seesQuery(name: string): boolean {
    return this.queries.has(name) || (this.#parent?.seesQuery(name) ?? false);
  }

  /** `*` without a qualifier: all columns of this level's entries. */
  star(): void {
    this.#star = true;
  }

  /** A reference by its dotted names, the last of which is a column (or `*`). */
  refer(names: readonly string[]): void {
    this.#add({
      schema: names.at(-3) ?? null,
      qualifier: names.at(-2) ?? null,
      column: names.at(-1) ?? '',
      matched: false,
    });
  }

  #add(reference: Reference): void {
    const key = `${reference.schema ?? ''}\0${reference.qualifier ?? ''}\0${reference.column}`;
    const known = this.#references.get(key);
    if (known === undefined) this.#references.set(key, { ...reference });
    else known.matched &&= reference.matched;
  }

  close(sink: Sink): void {
    const byAlias = Map.groupBy(this.entries, ({ alias }) => alias);
    const references = [...this.#references.values()];
    if (this.#star || !sink.mayTouch(this.entries.length * references.length)) this.entries.forEach(touchAll);
    else for (const reference of references) this.#touch(reference, byAlias);
    for (const reference of references) this.#noteAttribute(reference, byAlias, sink);
    if (this.#parent !== null) for (const reference of references) this.#parent.#add(reference);
  }

  /** A name without a qualifier may be a column of any entry, or a whole entry. */
  #touch(reference: Reference, byAlias: ByAlias): void {
    const { qualifier, column } = reference;
    if (qualifier === null) {
      for (const entry of this.entries) touchColumn(entry, column);
      byAlias.get(column)?.forEach(touchAll);
    } else for (const entry of meantBy(reference, byAlias)) touchColumn(entry, column);
  }

  /** `t.f` calls f(t) when t has no column f. */
  #noteAttribute(reference: Reference, byAlias: ByAlias, sink: Sink): void {
    if (reference.qualifier === null || reference.column === '*') return;
    const meant = meantBy(reference, byAlias);
    reference.matched ||= meant.length > 0;
    if (!reference.matched && this.#parent === null) sink.attribute(reference.column, []);
    for (const entry of meant) sink.attribute(reference.column, entry.renamed ? [] : entry.of);
  }
}

type ByAlias = ReadonlyMap<string, readonly Entry[]>;

const meantBy = ({ qualifier, schema }: Reference, byAlias: ByAlias): readonly Entry[] =>
  (byAlias.get(qualifier ?? '') ?? []).filter(
    (entry) => schema === null || entry.schema === null || schema === entry.schema,
  );

function touchColumn(entry: Entry, column: string): void {
  if (entry.renamed || column === '*') touchAll(entry);
  else for (const use of entry.uses) use.columns.add(column);
}

function touchAll(entry: Entry): void {
  for (const use of entry.uses) use.all = true;
}
