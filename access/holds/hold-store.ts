import type { AuditEvent } from '../../audit/events.ts';
import { canonicalJson } from '../canonical-json.ts';
import { sendControl } from '../control.ts';
import type { RecordEvent } from '../grant-store.ts';
import { grantKeys, HOLDS_KEY, holdKey, type RedisClient, whenReady } from '../redis.ts';
import { REPLACE } from '../scripts.ts';
import type { Signer } from '../signing.ts';
import { GRANT_ID } from '../token.ts';
import { type Held, heldAsOf } from './held.ts';
import { REMOVE, RESERVE } from './hold-scripts.ts';

/** How long held statements are kept after their time, ms; the audit trail has them for good. */
const HISTORY = 24 * 60 * 60 * 1000;

/** Statements of one grant that wait at once. */
const MOST_WAITING = 5;

/** What is withdrawn counts among them for so long, ms: reviewers are not to be worn out by who asks and cancels. */
const AFTERMATH = 10_000;

/** What is stored under a held statement's id is not what was signed for that id. */
export class TamperedHoldError extends Error {
  override name = 'TamperedHoldError';
}

interface Found {
  readonly held: Held;
  readonly signature: string;
}

/** Statements that wait for a reviewer, in Redis, signed as grants are. */
export class HoldStore {
  readonly #redis: RedisClient;
  readonly #signer: Signer;
  readonly #record: RecordEvent;
  readonly #now: () => number;

  constructor(
    redis: RedisClient,
    signer: Signer,
    { record, now = Date.now }: { readonly record: RecordEvent; readonly now?: () => number },
  ) {
    this.#redis = redis;
    this.#signer = signer;
    this.#record = record;
    this.#now = now;
  }

  /** Reviewers see it from now on. False: too many of its grant wait. */
  async begin(held: Held): Promise<boolean> {
    const { id, grant, askedAt, expiresAt } = held;
    await whenReady(this.#redis);
    await this.#redis.zremrangebyscore(HOLDS_KEY, '-inf', this.#now() - HISTORY);
    const wait = Date.parse(expiresAt) - Date.parse(askedAt);
    const room = { keys: [grantKeys(grant).holds], args: [id, wait, MOST_WAITING] };
    if ((await RESERVE.run(this.#redis, room)) !== 1) return false;
    await this.#redis.zadd(HOLDS_KEY, Date.parse(askedAt), id);
    if (!(await this.#replace('', held))) throw new Error(`hold id ${id} is taken; try again`);
    return true;
  }

  /** As it is now; null if there is none. Throws TamperedHoldError. */
  async get(id: string): Promise<Held | null> {
    const found = await this.#read(id);
    return found === null ? null : heldAsOf(found.held, this.#now());
  }

  /** Those of the last day, newest first, and the ids of those that were tampered with. */
  async list(): Promise<{ readonly holds: readonly Held[]; readonly tampered: readonly string[] }> {
    await whenReady(this.#redis);
    const ids = await this.#redis.zrevrange(HOLDS_KEY, 0, -1);
    const results = await Promise.allSettled(ids.map((id) => this.get(id)));
    const holds: Held[] = [];
    const tampered: string[] = [];
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') {
        if (result.value !== null) holds.push(result.value);
      } else if (result.reason instanceof TamperedHoldError) tampered.push(ids[index]!);
      else throw result.reason;
    }
    return { holds, tampered };
  }

  /**
   * A reviewer's decision: what `change` makes of it, told to the session that waits. Asked again if somebody else was
   * faster; null if there is none. Throws what `change` throws.
   */
  async decide(id: string, change: (held: Held) => Held): Promise<Held | null> {
    for (;;) {
      const found = await this.#read(id);
      if (found === null) return null;
      const changed = change(found.held);
      if (!(await this.#replace(found.signature, changed))) continue;
      try {
        await this.#record(decisionEvent(changed));
      } catch (fault) {
        await this.#replace(this.#signature(changed), found.held);
        throw fault;
      }
      await sendControl(this.#redis, this.#signer, { type: 'hold', hold: id }).catch(() => undefined);
      return changed;
    }
  }

  /** Its time is over: expired, unless a reviewer was faster. */
  async expire(id: string): Promise<Held | null> {
    const found = await this.#read(id);
    if (found === null || found.held.state.kind !== 'pending') return found?.held ?? null;
    const { held, signature } = found;
    const expired: Held = { ...held, state: { kind: 'expired', at: held.expiresAt } };
    return (await this.#replace(signature, expired)) ? expired : await this.get(id);
  }

  /** Nobody waits for it any longer: it is gone, unless it was decided on. */
  async withdraw(held: Held): Promise<void> {
    const { id, grant } = held;
    await this.#redis.zadd(grantKeys(grant).holds, 'XX', this.#now() + AFTERMATH, id);
    const removed = await REMOVE.run(this.#redis, { keys: [holdKey(id)], args: [this.#signature(held)] });
    if (removed === 1) await this.#redis.zrem(HOLDS_KEY, id);
  }

  /** It waits no longer, and others of its grant may. */
  async leave({ id, grant }: Held): Promise<void> {
    await this.#redis.zrem(grantKeys(grant).holds, id);
  }

  async #read(id: string): Promise<Found | null> {
    if (!GRANT_ID.test(id)) return null;
    await whenReady(this.#redis);
    const [document, signature] = await this.#redis.hmget(holdKey(id), 'document', 'signature');
    if (document == null && signature == null) return null;
    if (document == null || signature == null || !this.#signer.verify('hold', document, signature))
      throw new TamperedHoldError(id);
    const held = JSON.parse(document) as Held; // signed by us: it is what we wrote
    if (held.id !== id) throw new TamperedHoldError(id);
    return { held, signature };
  }

  async #replace(before: string, held: Held): Promise<boolean> {
    const document = canonicalJson(held);
    const until = Date.parse(held.expiresAt) + HISTORY;
    const args = [before, document, this.#signer.sign('hold', document), until];
    return (await REPLACE.run(this.#redis, { keys: [holdKey(held.id)], args })) === 1;
  }

  #signature(held: Held): string {
    return this.#signer.sign('hold', canonicalJson(held));
  }
}

function decisionEvent({ id: hold, grant, state }: Held): AuditEvent {
  if (state.kind === 'approved')
    return { type: 'hold.approve', hold, grant, by: state.by, comment: state.comment };
  if (state.kind === 'denied') return { type: 'hold.deny', hold, grant, by: state.by, reason: state.reason };
  throw new TypeError(`nobody decides that it is ${state.kind}`);
}
