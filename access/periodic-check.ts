import type { GrantSessions, OpenSessions } from './open-sessions.ts';
import { grantKeys, type RedisClient } from './redis.ts';
import { endings } from './refusals.ts';
import type { ScriptCall } from './script.ts';
import { CHECK } from './scripts.ts';
import { TamperedGrantError, type VerifiedGrant } from './sealed-grant.ts';

/** How a check goes: what it asks besides, and when. */
export interface CheckParts {
  /** The grant as it is in the store now. */
  readonly read: (grant: string) => Promise<VerifiedGrant | null>;
  /** A clock that never jumps, ms. */
  readonly elapsed: () => number;
  /** ms between checks. */
  readonly interval: number;
  /** ms that sessions may go on without the store. */
  readonly grace: number;
}

/** ms between heartbeats of a session. */
const HEARTBEAT = 2000;

/**
 * How long a session counts in Redis without a heartbeat, in ms. INVARIANT: longer than the grace, so that no other
 * session takes its place while it may still be running.
 */
export function sessionLifetime(grace: number): number {
  return grace + 3 * HEARTBEAT;
}

/**
 * The safety net: asks the store again and again whether the grants with open sessions still stand, in one round trip
 * for all. Finds what a lost message or a stopped clock missed, and ends what the store has not confirmed for too long.
 */
export class PeriodicCheck {
  readonly #redis: RedisClient;
  readonly #sessions: OpenSessions;
  readonly #parts: CheckParts;
  readonly #timer: NodeJS.Timeout;
  #beatAt = Number.NEGATIVE_INFINITY;
  #running = false;
  #again = false;

  constructor(redis: RedisClient, sessions: OpenSessions, parts: CheckParts) {
    this.#redis = redis;
    this.#sessions = sessions;
    this.#parts = parts;
    this.#timer = setInterval(() => this.#tick(), parts.interval);
    this.#timer.unref();
  }

  /** Checks at once: after a reconnect, whatever was missed is found now. */
  now(): void {
    if (this.#running) this.#again = true;
    else void this.#askAll();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    for (const grant of this.#sessions.all()) {
      if (grant.expired) grant.endAll(endings.expired(grant.id));
      else if (!grant.seenWithin(this.#parts.grace)) grant.endAll(endings.storeLost());
    }
    if (!this.#running) void this.#askAll();
  }

  async #askAll(): Promise<void> {
    this.#running = true;
    do {
      this.#again = false;
      await this.#ask(this.#sessions.all());
    } while (this.#again);
    this.#running = false;
  }

  async #ask(grants: readonly GrantSessions[]): Promise<void> {
    if (grants.length === 0) return;
    const askedAt = this.#parts.elapsed();
    const beat = askedAt - this.#beatAt >= HEARTBEAT;
    const lifetime = beat ? sessionLifetime(this.#parts.grace) : 0;
    const calls = grants.map((grant) => checkCall(grant, lifetime));
    const replies = await CHECK.runAll(this.#redis, calls).catch(() => []); // out of reach: the grace runs
    if (beat && replies.length > 0) this.#beatAt = askedAt;
    const changed: GrantSessions[] = [];
    replies.forEach((reply, index) => {
      if (reply.status !== 'fulfilled') return;
      const [state, ...findings] = reply.value as readonly string[];
      if (state === 'changed') changed.push(grants[index]!);
      else conclude(grants[index]!, state === 'held' ? findings : null, askedAt);
    });
    await Promise.all(changed.map((grant) => this.#readAgain(grant)));
  }

  /** INVARIANT: another document under the grant's id is the same grant with a later end, or the end of its sessions. */
  async #readAgain(grant: GrantSessions): Promise<void> {
    try {
      const found = await this.#parts.read(grant.id);
      if (found === null || !grant.follow(found)) conclude(grant, null, 0);
    } catch (fault) {
      if (fault instanceof TamperedGrantError) conclude(grant, null, 0); // else out of reach: the grace runs
    }
  }
}

/** Sessions still being admitted have no slot yet that could be missing. */
function checkCall(grant: GrantSessions, lifetime: number): ScriptCall {
  const keys = grantKeys(grant.id);
  const admitted = [...grant.sessions.values()].filter((session) => session.admitted);
  return {
    keys: [keys.grant, keys.sessions, keys.who],
    args: [grant.verified.signature, lifetime, ...admitted.map((session) => session.id)],
  };
}

/** `findings`: null where the grant is no more. */
function conclude(grant: GrantSessions, findings: readonly string[] | null, askedAt: number): void {
  if (findings === null) {
    grant.endAll(grant.expired ? endings.expired(grant.id) : endings.revoked(grant.id));
    return;
  }
  grant.seenAt = Math.max(grant.seenAt, askedAt);
  for (let i = 0; i < findings.length; i += 3) {
    const [session, finding, by] = findings.slice(i, i + 3) as [string, string, string];
    const ending = finding === 'ended' ? endings.ended(by) : endings.storeLost();
    grant.sessions.get(session)?.end(ending);
  }
}
