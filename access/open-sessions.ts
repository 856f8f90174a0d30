import type { ControlMessage } from './control.ts';
import { type Ending, endings } from './refusals.ts';
import { isExtensionOf, type VerifiedGrant } from './sealed-grant.ts';

/** Wall time (Unix ms) for what is agreed with others, and a clock that never jumps (ms) for durations of our own. */
export interface Clock {
  now(): number;
  elapsed(): number;
}

export const systemClock: Clock = { now: () => Date.now(), elapsed: () => performance.now() };

/** One client connection under a grant, from before its admission is checked until it is released. */
export class OpenSession {
  readonly id: string;
  readonly #end: (ending: Ending) => void;
  /** Set once, when the session is to end from outside. */
  ended: Ending | null = null;
  /** Before admission nobody is told: `admit` itself refuses. */
  admitted = false;
  /** Gives unused budget back now; set when the session has a budget. */
  recall: () => void = () => {};

  constructor(id: string, end: (ending: Ending) => void) {
    this.id = id;
    this.#end = end;
  }

  end(ending: Ending): void {
    if (this.ended) return;
    this.ended = ending;
    if (this.admitted) this.#end(ending);
  }
}

/** setTimeout takes no longer delay. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** A grant with open sessions has a later end now. */
type Extended = (grant: VerifiedGrant) => void;

/** The sessions of one grant in this process; ends them when the grant expires. */
export class GrantSessions {
  readonly sessions = new Map<string, OpenSession>();
  /** When the store last said that the grant stands (Clock.elapsed at the question). */
  seenAt: number;
  readonly #clock: Clock;
  readonly #extended: Extended;
  #verified: VerifiedGrant;
  #timer: NodeJS.Timeout | undefined;

  constructor(verified: VerifiedGrant, clock: Clock, extended: Extended) {
    this.#verified = verified;
    this.#clock = clock;
    this.#extended = extended;
    this.seenAt = clock.elapsed();
    this.#arm();
  }

  /** The newest that is known. */
  get verified(): VerifiedGrant {
    return this.#verified;
  }

  get id(): string {
    return this.verified.grant.id;
  }

  get expired(): boolean {
    return this.#clock.now() >= this.verified.expiresAt;
  }

  /** True while the store was heard within `grace` ms. */
  seenWithin(grace: number): boolean {
    return this.#clock.elapsed() - this.seenAt <= grace;
  }

  /**
   * Whether `to` is the document that is known or, from now on, a later one of the same grant. INVARIANT: an end only moves
   * on; the document before an extension, put back by somebody, is none of this grant.
   */
  follow(to: VerifiedGrant): boolean {
    if (to.signature === this.#verified.signature) return true;
    if (!isExtensionOf(to, this.#verified)) return false;
    this.#verified = to;
    clearTimeout(this.#timer);
    this.#arm();
    this.#extended(to);
    return true;
  }

  endAll(ending: Ending): void {
    for (const session of [...this.sessions.values()]) session.end(ending);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #arm(): void {
    const delay = Math.min(Math.max(this.verified.expiresAt - this.#clock.now(), 0), LONGEST_TIMER);
    this.#timer = setTimeout(() => {
      if (this.expired) this.endAll(endings.expired(this.id));
      else this.#arm();
    }, delay);
    this.#timer.unref();
  }
}

/** All sessions of this process, by grant. A session is here before its admission is asked for: nothing is missed. */
export class OpenSessions {
  readonly #grants = new Map<string, GrantSessions>();
  readonly #clock: Clock;
  readonly #extended: Extended;

  constructor(clock: Clock, extended: Extended) {
    this.#clock = clock;
    this.#extended = extended;
  }

  all(): GrantSessions[] {
    return [...this.#grants.values()];
  }

  /** null: sessions of this id run under a document of another grant, which an issuer never makes. */
  add(verified: VerifiedGrant, session: OpenSession): GrantSessions | null {
    const id = verified.grant.id;
    const known = this.#grants.get(id) ?? new GrantSessions(verified, this.#clock, this.#extended);
    if (!known.follow(verified) && !isExtensionOf(known.verified, verified)) return null;
    this.#grants.set(id, known);
    known.sessions.set(session.id, session);
    return known;
  }

  remove(grant: GrantSessions, session: OpenSession): void {
    grant.sessions.delete(session.id);
    if (grant.sessions.size > 0) return;
    grant.close();
    if (this.#grants.get(grant.id) === grant) this.#grants.delete(grant.id);
  }

  /** Does what a control message about grants or sessions asks for. */
  obey(message: Exclude<ControlMessage, { type: 'cancel' | 'extend' }>): void {
    switch (message.type) {
      case 'revoke':
        this.#grants.get(message.grant)?.endAll(endings.revoked(message.grant));
        return;
      case 'recall':
        for (const session of this.#grants.get(message.grant)?.sessions.values() ?? []) session.recall();
        return;
      case 'end':
        for (const grant of this.#grants.values()) {
          grant.sessions.get(message.session)?.end(endings.ended(message.by));
        }
    }
  }

  close(): void {
    for (const grant of this.#grants.values()) grant.close();
  }
}
