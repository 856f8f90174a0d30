/** What this process knows of the role of one grant. */
import type { Grant } from '../../access/grant.ts';
import type { Catalog } from '../../guardrails/catalog.ts';
import type { Grantable } from './grantable.ts';

export interface GrantRoleEvents {
  /** Makes the role, or changes its privileges, so that they are those of the grant under this catalog. */
  readonly provide: (grant: Grant, catalog: Catalog, occasion: Occasion) => Promise<void>;
  readonly expired: () => void;
}

export interface Occasion {
  /** Nothing has happened yet, or since `forget`, to doubt that the role is as this process has left it. */
  readonly isProven: boolean;
  /** What can be granted, where that is known. */
  readonly grantable?: Grantable | undefined;
}

/** setTimeout takes no longer delay. */
const LONGEST_TIMER = 2 ** 31 - 1;

export class GrantRole {
  /** Open ones in this process. */
  sessions = 0;
  readonly #events: GrantRoleEvents;
  #grant: Grant;
  #catalog: Catalog | null = null;
  /** One thing after another. */
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(grant: Grant, events: GrantRoleEvents) {
    this.#grant = grant;
    this.#events = events;
    this.#arm();
  }

  get grant(): Grant {
    return this.#grant;
  }

  /** The grant ends later: resolves when its role does, too, where there is one. */
  async extend(to: Grant): Promise<void> {
    if (Date.parse(to.expiresAt) <= Date.parse(this.#grant.expiresAt)) return;
    this.#grant = to;
    clearTimeout(this.#timer);
    this.#arm();
    const catalog = this.#catalog;
    this.forget();
    if (catalog !== null) await this.bringUpTo(catalog);
  }

  isUpTo(catalog: Catalog): boolean {
    return this.#catalog === catalog;
  }

  /** Rejects with the reason why the role can't be used. */
  bringUpTo(catalog: Catalog, grantable?: Grantable): Promise<void> {
    const done = this.#work.then(async () => {
      if (this.#closed) throw new Error(`grant ${this.#grant.id} is over`);
      if (this.isUpTo(catalog)) return;
      await this.#events.provide(this.#grant, catalog, { isProven: this.#catalog !== null, grantable });
      this.#catalog = catalog;
    });
    this.#work = done.catch(() => {});
    return done;
  }

  /** The role may be gone. */
  forget(): void {
    this.#catalog = null;
  }

  /** Resolves when nothing is being done to the role any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#work;
  }

  #arm(): void {
    const left = Date.parse(this.#grant.expiresAt) - Date.now();
    this.#timer = setTimeout(
      () => {
        if (left <= LONGEST_TIMER) this.#events.expired();
        else this.#arm();
      },
      Math.min(Math.max(left, 0), LONGEST_TIMER),
    );
    this.#timer.unref();
  }
}
