/**
 * Parameters of Bind ($1, $2 ...) that decide what a statement does: the setting that set_config changes, the sequence
 * that nextval moves. At Parse their values are not known, so what hangs on them is left for Execute.
 */
import type { Node } from './nodes.ts';

/**
 * `unknown`: they are none of ours (SQL's PREPARE, a function's body), or nothing can be known. `later`: their values
 * come with Bind, and the text is examined again with them. A map: their values by number, as text.
 */
export type ParameterValues = 'unknown' | 'later' | ReadonlyMap<number, string>;

/** A value that is known, or will be; undefined: neither. */
export type Resolved = { readonly value: string } | 'later' | undefined;

export class Parameters {
  readonly #values: ParameterValues;
  /** Each place where a parameter decides, by its node: a walk may come by twice. */
  readonly #places = new Map<Node, number>();

  constructor(values: ParameterValues) {
    this.#values = values;
  }

  /** Numbers of those that decide. */
  get deciding(): readonly number[] {
    return [...new Set(this.#places.values())];
  }

  /** The value of a parameter that decides. */
  resolve(node: Node): Resolved {
    if (!('ParamRef' in node)) return undefined;
    const number = node.ParamRef.number ?? 0;
    this.#places.set(node, number);
    if (typeof this.#values === 'string') return this.#values === 'later' ? 'later' : undefined;
    const value = this.#values.get(number);
    return value === undefined ? undefined : { value };
  }

  /**
   * True if the statement uses one of them for something else as well: then its value is as good as unknown. The first
   * use of a parameter gives it its type, and the type may cut or respell the value: `$1::"char"` makes `r` of `role`.
   */
  usedElsewhere(statement: Node): boolean {
    const counts = new Map<number, number>();
    countParameters(statement, counts);
    const places = [...this.#places.values()];
    return this.deciding.some(
      (number) => counts.get(number) !== places.filter((each) => each === number).length,
    );
  }
}

const countParameters = (part: unknown, counts: Map<number, number>): void => {
  if (typeof part !== 'object' || part === null) return;
  if ('ParamRef' in part) {
    const number = (part as Extract<Node, { ParamRef: unknown }>).ParamRef.number ?? 0;
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  for (const child of Object.values(part)) countParameters(child, counts);
};
