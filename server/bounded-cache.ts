/**
 * A map of texts with a bound on their count and total length. Entries live in two generations: when the young one is
 * full, it becomes the old one, and what was in the old one and has not been asked for since is dropped. So a look-up
 * costs the same in a full cache as in an empty one; keeping exact order of use would cost ten times as much.
 */
export class BoundedCache<T> {
  #young = new Map<string, T>();
  #old = new Map<string, T>();
  /** Bounds of one generation. */
  readonly #maxEntries: number;
  readonly #maxLength: number;
  /** Of the keys of the young generation together. */
  #length = 0;

  /** `maxLength`: of all keys together, in UTF-16 units. */
  constructor(maxEntries: number, maxLength: number) {
    this.#maxEntries = maxEntries / 2;
    this.#maxLength = maxLength / 2;
  }

  get(key: string): T | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const old = this.#old.get(key);
    if (old !== undefined) this.#add(key, old);
    return old;
  }

  /** A key too long to be worth its place is not kept. */
  set(key: string, value: T): void {
    if (key.length * 8 > this.#maxLength) return;
    this.#old.delete(key);
    if (this.#young.has(key)) this.#young.set(key, value);
    else this.#add(key, value);
  }

  #add(key: string, value: T): void {
    if (this.#young.size + 1 > this.#maxEntries || this.#length + key.length > this.#maxLength) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#length = 0;
    }
    this.#young.set(key, value);
    this.#length += key.length;
  }
}
