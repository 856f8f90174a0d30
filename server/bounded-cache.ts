/**
 * A map of texts with a bound on their count and total length. Entries live in two generations: when the young one is
 * full, it becomes the old one, and what was in the old one and has not been asked for since is dropped. So a look-up
 * costs the same in a full cache as in an empty one; keeping exact order of use would cost ten times as much.
 *
 * Only what is set a second time is kept: of texts with literals in them most never come again, and keeping them would
 * cost memory, and the garbage collector's time, and drive out those that do.
 */
export class BoundedCache<T> {
  #young = new Map<string, T>();
  #old = new Map<string, T>();
  /** Bounds of one generation. */
  readonly #maxEntries: number;
  readonly #maxLength: number;
  /** Of the keys of the young generation together. */
  #length = 0;
  /** Keys that were set once, with the same bounds as a generation; all are forgotten when they are too many. */
  readonly #once = new Set<string>();
  #onceLength = 0;

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
    const wasOld = this.#old.delete(key);
    if (this.#young.has(key)) this.#young.set(key, value);
    else if (wasOld || this.#cameBefore(key)) this.#add(key, value);
  }

  #cameBefore(key: string): boolean {
    if (this.#once.has(key)) return true;
    if (this.#once.size + 1 > this.#maxEntries || this.#onceLength + key.length > this.#maxLength) {
      this.#once.clear();
      this.#onceLength = 0;
    }
    this.#once.add(key);
    this.#onceLength += key.length;
    return false;
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
