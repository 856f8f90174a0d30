import type { Admission } from '../proxy/ports.ts';
import type { AccessParts } from './access-parts.ts';
import { LeasedBudget } from './budget.ts';
import { sendControl } from './control.ts';
import type { GrantSessions, OpenSession, OpenSessions } from './open-sessions.ts';
import { grantKeys, type RedisClient } from './redis.ts';
import { RELEASE } from './scripts.ts';
import type { SessionInfo } from './session-registry.ts';

/** One session that was let in. */
export class RedisAdmission implements Admission {
  readonly budget: LeasedBudget;
  readonly #parts: AccessParts;
  readonly #all: OpenSessions;
  readonly #sessions: GrantSessions;
  readonly #session: OpenSession;
  #info: SessionInfo;
  #released: Promise<void> | undefined;

  constructor(
    parts: AccessParts,
    all: OpenSessions,
    sessions: GrantSessions,
    session: OpenSession,
    info: SessionInfo,
  ) {
    this.#parts = parts;
    this.#all = all;
    this.#sessions = sessions;
    this.#session = session;
    this.#info = info;
    const { grant } = sessions.verified;
    this.budget = new LeasedBudget(parts.redis, {
      grant: grant.id,
      session: session.id,
      limits: grant.limits,
      expiresAt: () => sessions.verified.expiresAt,
      live: () => this.live(),
      recall: () => void this.#recall(),
    });
    session.recall = () => void this.budget.giveBack();
  }

  /** By the wall clock, so that a timer that is late lets nothing through. */
  live(): boolean {
    return !this.#session.ended && !this.#sessions.expired && this.#sessions.seenWithin(this.#parts.grace);
  }

  describe({ backendPid }: { readonly backendPid: number }): void {
    this.#info = { ...this.#info, backendPid };
    this.#parts.registry.describe(this.#info).catch(() => undefined); // a list for people lacks a number
  }

  release(refund: boolean): Promise<void> {
    this.#released ??= this.#release(refund);
    return this.#released;
  }

  async #release(refund: boolean): Promise<void> {
    await this.budget.close();
    await giveSlotBack(this.#parts.redis, this.#info.grant, this.#session.id, refund);
    this.#all.remove(this.#sessions, this.#session);
  }

  async #recall(): Promise<void> {
    const { redis, signer } = this.#parts;
    await sendControl(redis, signer, { type: 'recall', grant: this.#info.grant }).catch(() => undefined);
  }
}

/** Never rejects: a slot that can't be given back now dies by its deadline. */
export async function giveSlotBack(
  redis: RedisClient,
  grant: string,
  session: string,
  refund: boolean,
): Promise<void> {
  const keys = grantKeys(grant);
  await RELEASE.run(redis, {
    keys: [keys.sessions, keys.usage, keys.who],
    args: [session, refund ? 1 : 0],
  }).catch(() => undefined);
}
