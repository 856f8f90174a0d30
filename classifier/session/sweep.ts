/** How many relations a session touches within a minute. */
const MINUTE = 60;
/** Kept at once; a session that touches more is sweep enough. */
const MOST = 1_000;

export class Sweep {
  /** When each relation was touched last, in seconds; the longest ago first. */
  readonly #touched = new Map<string, number>();

  /** Distinct relations within the minute before `at`; 1 where nobody says when. */
  add(relations: readonly string[], at: number | undefined): number {
    if (at === undefined) return 1;
    for (const name of relations) {
      this.#touched.delete(name);
      this.#touched.set(name, at);
    }
    for (const [name, when] of this.#touched) {
      if (when > at - MINUTE && this.#touched.size <= MOST) break;
      this.#touched.delete(name);
    }
    return Math.max(1, this.#touched.size);
  }
}
