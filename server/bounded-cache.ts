/** A map of texts with a bound on their count and total length; what was not used for longest goes first. */
export class BoundedCache<T> {
  readonly #entries = new Map<string, T>();
  readonly #maxEntries: number;
  readonly #maxLength: number;
  #length = 0;

  /** `maxLength`: of all keys together, in UTF-16 units. */
  constructor(maxEntries: number, maxLength: number) {
    this.#maxEntries = maxEntries;
    this.#maxLength = maxLength;
  }

  get(key: string): T | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    if (this.#entries.size * 2 > this.#maxEntries) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  /** A key too long to be worth its place is not kept. */
  set(key: string, value: T): void {
    if (key.length * 16 > this.#maxLength) return;
    if (!this.#entries.has(key)) this.#length += key.length;
    this.#entries.set(key, value);
    while (this.#entries.size > this.#maxEntries || this.#length > this.#maxLength) this.#dropOldest();
  }

  #dropOldest(): void {
    const [oldest] = this.#entries.keys();
    if (oldest === undefined) return;
    this.#entries.delete(oldest);
    this.#length -= oldest.length;
  }
}
