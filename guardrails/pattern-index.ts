/** The patterns of a scope by what they name, so that a look-up costs the same among a thousand lines as among ten. */

/** `schema.name`; null where a part has a wildcard. */
export interface Literal {
  readonly schema: string | null;
  readonly name: string | null;
}

export class PatternIndex<P extends { readonly literal: Literal }> {
  readonly all: readonly P[];
  readonly #named = new Map<string, P[]>();
  readonly #inSchema = new Map<string, P[]>();
  readonly #anywhere: P[] = [];

  constructor(patterns: readonly P[]) {
    this.all = patterns;
    for (const pattern of patterns) this.#listOf(pattern.literal).push(pattern);
  }

  /** Those that may name it; all others don't. */
  about(schema: string, name: string): readonly P[] {
    const named = this.#named.get(keyOf(schema, name)) ?? [];
    const inSchema = this.#inSchema.get(schema) ?? [];
    return [...named, ...inSchema, ...this.#anywhere];
  }

  #listOf({ schema, name }: Literal): P[] {
    if (schema === null) return this.#anywhere;
    return name === null ? listIn(this.#inSchema, schema) : listIn(this.#named, keyOf(schema, name));
  }
}

/** PostgreSQL's names hold no NUL. */
const keyOf = (schema: string, name: string): string => `${schema}\0${name}`;

const listIn = <P>(lists: Map<string, P[]>, key: string): P[] => {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
};
