/** The current catalog snapshot of one database, shared by its sessions: loaded when first needed, looked after in use. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Catalog } from '../guardrails/catalog.ts';

/** Loads the catalog, or gives the same object again if nothing has changed. Rejects if the upstream can't be asked. */
export type LoadCatalog = () => Promise<Catalog>;

/** ms. No more than one look per INTERVAL; in use, a snapshot is looked after when it is older than STALE. */
const INTERVAL = 250;
const STALE = 5_000;

export class CatalogSource {
  readonly #load: LoadCatalog;
  #current: Catalog | null = null;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #loading: Promise<Catalog> | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(load: LoadCatalog) {
    this.#load = load;
  }

  /** The snapshot at hand, which may be some seconds old; it is looked after in the background. */
  get current(): Catalog | null {
    if (this.#age() > STALE) this.changed();
    return this.#current;
  }

  /** Rejects if there is none and it can't be loaded. */
  async open(): Promise<Catalog> {
    return this.#current ?? this.#reload();
  }

  /**
   * A snapshot taken after this was called, so that it has whatever was committed before; waits for INTERVAL to pass
   * since the last one. The one at hand if it can't be had.
   */
  async fresh(): Promise<Catalog | null> {
    const asked = performance.now();
    try {
      while (this.#checkedAt < asked) {
        if (this.#loading === null) await sleep(Math.max(0, INTERVAL - this.#age()));
        await this.#reload();
      }
    } catch {}
    return this.#current;
  }

  /** The catalog may have changed: look soon. */
  changed(): void {
    if (this.#timer !== undefined || this.#current === null) return;
    const look = () => {
      this.#timer = undefined;
      void this.fresh();
    };
    this.#timer = setTimeout(look, Math.max(0, INTERVAL - this.#age())).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #age(): number {
    return performance.now() - this.#checkedAt;
  }

  #reload(): Promise<Catalog> {
    this.#loading ??= this.#look().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #look(): Promise<Catalog> {
    const startedAt = performance.now();
    try {
      this.#current = await this.#load();
      return this.#current;
    } finally {
      this.#checkedAt = startedAt;
    }
  }
}
