/** Names as statement after statement adds to them: a text may have thousands, so nothing is looked through at each. */
import type { MadeName, Names } from './names.ts';

/** More possible paths than this are as good as any. */
const MOST_PATHS = 8;
/**
 * More objects than this are not remembered; they are unknown until the catalog knows them. Veiled ones always are, and
 * with more that are gone than this any name may mean anything.
 */
const MOST_MADE = 500;

export class GrowingNames {
  #paths: Names['paths'];
  readonly #made: MadeName[];
  readonly #schemas: Set<string>;
  readonly #known: Set<string>;
  #gone: number;

  constructor({ paths, made, schemas = [] }: Names) {
    this.#paths = paths;
    this.#made = [...made];
    this.#schemas = new Set(schemas);
    this.#known = new Set(made.map(keyOf));
    this.#gone = made.filter(({ gone }) => gone).length;
  }

  /** How many objects are remembered. */
  get size(): number {
    return this.#made.length + this.#schemas.size;
  }

  /** What may hold by now. Its objects grow along: it is for judging the next statement, and to be copied when it stays. */
  get current(): Names {
    const schemas = this.#schemas.size > 0 && { schemas: [...this.#schemas] };
    return { paths: this.#paths, made: this.#made, ...schemas };
  }

  /** What may hold after `added`, which is either let pass or not. */
  add({ paths, made, schemas = [] }: Names): void {
    for (const item of made) this.#remember(item);
    for (const schema of schemas) this.#schemas.add(schema);
    const lost = this.#gone + this.#schemas.size > MOST_MADE;
    if (lost || paths === null || this.#paths === null) this.#paths = null;
    else if (paths.length > 0) this.#paths = fewPaths([...this.#paths, ...paths]);
  }

  #remember(item: MadeName): void {
    const { veil, gone } = item;
    const key = keyOf(item);
    if (this.#known.has(key) || !(this.#made.length < MOST_MADE || gone || veil?.length)) return;
    this.#known.add(key);
    this.#made.push(item);
    if (gone) this.#gone++;
  }
}

const keyOf = ({ schema, name, veil, gone }: MadeName): string => JSON.stringify([schema, name, veil, gone]);

const fewPaths = (paths: readonly (readonly string[])[]): Names['paths'] => {
  const unique = [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
  return unique.length > MOST_PATHS ? null : unique;
};
