/** The current catalog snapshot of one database, shared by its sessions: loaded when first needed, looked after in use. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Catalog } from '../guardrails/catalog.ts';
import { sameDatabase } from '../proxy/upstream/origin.ts';

/** Loads the catalog, or gives the same object again if nothing has changed. Rejects if the upstream can't be asked. */
export type LoadCatalog = () => Promise<Catalog>;

/**
 * In ms. The age of a snapshot is the time since the last look began that found it to be the upstream's catalog, or made it.
 */
export interface CatalogAges {
  /** No more than one look per this time. */
  readonly interval: number;
  /** In use, an older one is looked after in the background. */
  readonly look: number;
  /** An older one is not used before a look at it is over, or has taken longer than `patience`. */
  readonly stale: number;
  readonly patience: number;
  /** The patience of a session that begins, and of one that is about to be refused something. */
  readonly longPatience: number;
  /** An older one, beyond the time that looks take, is not used at all. */
  readonly limit: number;
}

const AGES: CatalogAges = {
  interval: 250,
  look: 2_000,
  stale: 5_000,
  patience: 1_000,
  longPatience: 10_000,
  limit: 30_000,
};

/**
 * Looks take this part of the time (or more, if the limit would be near), since large catalogs are a load on the upstream,
 * and what they have not taken is saved for looks in a row, up to so many ms of them.
 */
const SHARE = 0.1;
const MOST_SAVED = 2_000;

export class CatalogSource {
  readonly #load: LoadCatalog;
  readonly #ages: CatalogAges;
  #current: Catalog | null = null;
  /** When the last successful look began, and how long it took. */
  #checkedAt = Number.NEGATIVE_INFINITY;
  #cost = 0;
  /** When the last look began, whatever came of it. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** ms that looks may take, as of the end of the last successful one; below zero, they have to rest. */
  #saved = MOST_SAVED;
  /** When sessions of ours last changed the catalog; the first of the changes that no look has seen. */
  #outdatedAt = Number.NEGATIVE_INFINITY;
  #unseenSince = Number.POSITIVE_INFINITY;
  #allSeen = Promise.withResolvers<void>();
  /** Ends the rest before a look. */
  #urgency = new AbortController();
  #looking: Promise<Catalog> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(load: LoadCatalog, ages: CatalogAges = AGES) {
    this.#load = load;
    this.#ages = ages;
  }

  /** The last snapshot, of any age. */
  get current(): Catalog | null {
    return this.#current;
  }

  /** Changes by sessions of ours have not been seen yet. */
  get behind(): boolean {
    return !this.#seen();
  }

  /** True if `current` may be used right now. To ask is to use: it has the snapshot looked after. */
  get settled(): boolean {
    const age = this.#age();
    if (age > this.#ages.look) this.changed();
    return age <= this.#ages.stale && this.#seen();
  }

  /**
   * Resolves when `current` may be used: if it is not settled, after a look. One that can't be looked after is used on up
   * to the limit; then this rejects with the reason.
   */
  async settle(patience = this.#ages.patience): Promise<void> {
    if (this.settled) return;
    const look = this.#seen() ? this.#look() : this.#lookAfter(this.#outdatedAt);
    if (this.#age() > this.#ages.limit + this.#cost) await look;
    else await Promise.race([look.catch(() => {}), sleep(this.#left(patience), undefined, { ref: false })]);
  }

  /** For a new session: rejects if there is no snapshot. It is more patient than a statement: nobody has begun to wait yet. */
  async open(): Promise<void> {
    if (this.#current === null) await this.#look();
    else await this.settle(this.#ages.longPatience);
  }

  /**
   * A session is in the database of this origin: resolves when `current` is a snapshot of it, after a look that began
   * after this was called unless there is one at hand. Another run of the server will do then: a name may stand for many
   * standbys. Rejects with the reason if there is none to be had.
   */
  async meet(origin: string | null): Promise<void> {
    if (this.#current !== null && this.#current.origin === origin) return;
    void this.outdate();
    await this.#lookAfter(this.#outdatedAt);
    if (origin === null || sameDatabase(origin, this.#current!.origin)) return;
    throw new Error('sessions are in another database than the catalog was read from');
  }

  /**
   * A snapshot taken after this was called, so that it has whatever was committed before; waits for its turn. The one at
   * hand if it can't be had.
   */
  async fresh(): Promise<Catalog | null> {
    await this.#lookAfter(performance.now()).catch(() => {});
    return this.#current;
  }

  /** Resolves when the changes by sessions of ours have been seen, or have been waited for long enough. */
  async catchUp(): Promise<void> {
    if (this.behind) await this.settle(this.#ages.longPatience).catch(() => {});
  }

  /**
   * A session of ours has changed the catalog, and all can see it: who comes now waits for a look that begins now.
   * Resolves with true once such a look has succeeded, with false if it can't be had.
   */
  outdate(): Promise<boolean> {
    this.#outdatedAt = performance.now();
    this.#unseenSince = Math.min(this.#unseenSince, this.#outdatedAt);
    this.#urgency.abort();
    this.#urgency = new AbortController();
    return this.#lookAfter(this.#outdatedAt).then(
      () => true,
      () => false,
    );
  }

  /** Resolves when a look has seen all that `outdate` told of, however long that takes. */
  whenSeen(): Promise<void> {
    return this.#seen() ? Promise.resolve() : this.#allSeen.promise;
  }

  /** The catalog may have changed: look soon. */
  changed(): void {
    if (this.#timer !== undefined || this.#current === null || this.#closed) return;
    const look = () => {
      this.#timer = undefined;
      void this.fresh();
    };
    this.#timer = setTimeout(look, this.#rest()).unref();
  }

  /** No look begins any more: who waits for one is told so. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#urgency.abort();
  }

  #age(): number {
    return performance.now() - this.#checkedAt;
  }

  /** Have the changes of our sessions been seen? */
  #seen(): boolean {
    return this.#checkedAt >= this.#outdatedAt;
  }

  async #lookAfter(time: number): Promise<void> {
    while (this.#checkedAt < time) await this.#look();
  }

  /** Time until the next look may begin. */
  #rest(): number {
    if (this.#lookedAt < this.#outdatedAt) return 0;
    const { interval, limit } = this.#ages;
    const since = performance.now() - this.#lookedAt;
    return Math.max(0, interval - since, Math.min(limit / 2 - since, -this.#savings() / SHARE));
  }

  #savings(): number {
    return Math.min(MOST_SAVED, this.#saved + SHARE * (this.#age() - this.#cost));
  }

  /** What is left of the patience with the look that is under way, or with changes that have not been seen. */
  #left(patience: number): number {
    const since = this.#seen() ? this.#lookedAt : this.#unseenSince;
    return Math.max(0, since + patience - performance.now());
  }

  /** The look that is under way, or the next. */
  #look(): Promise<Catalog> {
    this.#looking ??= this.#lookInTurn().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #lookInTurn(): Promise<Catalog> {
    const rest = this.#rest();
    if (rest > 0) await sleep(rest, undefined, { signal: this.#urgency.signal }).catch(() => {});
    if (this.#closed) throw new Error('the catalog is no longer looked after: this node is stopping');
    const startedAt = performance.now();
    this.#lookedAt = startedAt;
    const savings = this.#savings();
    this.#current = await this.#load();
    this.#checkedAt = startedAt;
    if (this.#seen()) {
      this.#unseenSince = Number.POSITIVE_INFINITY;
      this.#allSeen.resolve();
      this.#allSeen = Promise.withResolvers();
    }
    this.#cost = performance.now() - startedAt;
    this.#saved = savings - this.#cost;
    return this.#current;
  }
}
