/** Conditions of a query, with their values as parameters. */
export class Conditions {
  readonly values: unknown[] = [];
  readonly #texts: string[] = [];

  /** `?` stands for the values, one after the other. */
  add(text: string, ...values: readonly unknown[]): this {
    let index = 0;
    this.#texts.push(text.replaceAll('?', () => this.value(values[index++])));
    return this;
  }

  /** As `add`, unless the value is undefined. */
  where(text: string, value: unknown): this {
    return value === undefined ? this : this.add(text, value);
  }

  /** A parameter for a value, as it stands in the query. */
  value(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  /** Of all of them; `true` where there are none. */
  get sql(): string {
    return this.#texts.length === 0 ? 'true' : this.#texts.join(' and ');
  }
}
