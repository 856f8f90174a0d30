/**
 * What is still to be told to receivers outside, in Redis: it survives restarts, and any node may send it. Each receiver has
 * lanes, one for each thing that events are about; what is in a lane is sent one after another, lanes beside each other.
 */
import { canonicalJson } from '../canonical-json.ts';
import { eventKeys, type RedisClient, whenReady } from '../redis.ts';
import type { Signer } from '../signing.ts';
import { ADD, CLAIM, SETTLE } from './event-scripts.ts';

/** Of one receiver; what comes on top is dropped. */
const MOST_LANES = 10_000;
const MOST_IN_LANE = 100;
/** ms that a receiver may be out of reach. */
const KEPT = 3 * 24 * 60 * 60 * 1000;

export interface QueuedEvent {
  /** The same at every attempt. */
  readonly id: string;
  /** What is sent, as it is sent. */
  readonly body: string;
}

/** INVARIANT: nobody else has the lane until the claim ends; then others may, and the event may be sent twice. */
export interface Claim {
  readonly receiver: string;
  readonly lane: string;
  /** null: what is there is not what was signed, or nothing. */
  readonly event: QueuedEvent | null;
  /** From 1. */
  readonly attempt: number;
  readonly entry: string;
  /** Names this very claim. */
  readonly endsAt: number;
}

export class EventQueue {
  readonly #redis: RedisClient;
  readonly #signer: Signer;

  constructor(redis: RedisClient, signer: Signer) {
    this.#redis = redis;
    this.#signer = signer;
  }

  /** False: too much is waiting for that receiver. */
  async add(receiver: string, lane: string, event: QueuedEvent): Promise<boolean> {
    const document = canonicalJson({ ...event, receiver });
    const entry = JSON.stringify({ document, signature: this.#signer.sign('event', document) });
    const keys = eventKeys(receiver);
    const added = await ADD.run(this.#redis, {
      keys: [keys.due, keys.lane(lane)],
      args: [lane, entry, MOST_LANES, MOST_IN_LANE, KEPT],
    });
    return added === 1;
  }

  /** What is to be tried now, for `lasts` ms; null: nothing. */
  async claim(receiver: string, lasts: number): Promise<Claim | null> {
    const keys = eventKeys(receiver);
    const reply = await CLAIM.run(this.#redis, { keys: [keys.due, keys.attempts], args: [lasts, KEPT] });
    const [lane, endsAt, attempt] = reply as [string?, number?, number?];
    if (lane === undefined || endsAt === undefined || attempt === undefined) return null;
    const entry = (await this.#redis.lindex(keys.lane(lane), 0)) ?? '';
    return { receiver, lane, event: this.#open(receiver, entry), attempt, entry, endsAt };
  }

  /** It is done with: delivered, or given up. False: the claim has ended. */
  done(claim: Claim): Promise<boolean> {
    return this.#settle(claim, -1);
  }

  /** It is to be tried again in `wait` ms; the rest of its lane waits for that. */
  retry(claim: Claim, wait: number): Promise<boolean> {
    return this.#settle(claim, Math.round(wait));
  }

  /** Lanes that wait for a receiver. */
  async waiting(receiver: string): Promise<number> {
    await whenReady(this.#redis);
    return await this.#redis.zcard(eventKeys(receiver).due);
  }

  async #settle({ receiver, lane, entry, endsAt }: Claim, wait: number): Promise<boolean> {
    const keys = eventKeys(receiver);
    const settled = await SETTLE.run(this.#redis, {
      keys: [keys.due, keys.attempts, keys.lane(lane)],
      args: [lane, endsAt, entry, wait],
    });
    return settled === 1;
  }

  /** INVARIANT: only what we have written for this very receiver is sent to it. */
  #open(receiver: string, entry: string): QueuedEvent | null {
    const { document, signature } = parsed(entry);
    if (typeof document !== 'string' || typeof signature !== 'string') return null;
    if (!this.#signer.verify('event', document, signature)) return null;
    const { id, body, receiver: meant } = JSON.parse(document) as QueuedEvent & { readonly receiver: string };
    return meant === receiver ? { id, body } : null;
  }
}

/** Anything may stand there: others can write to Redis. */
function parsed(entry: string): { readonly document?: unknown; readonly signature?: unknown } {
  try {
    const value: unknown = JSON.parse(entry);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
