import { EventEmitter, once } from 'node:events';
import { z } from 'zod';
import { canonicalJson } from './canonical-json.ts';
import { type RedisClient, timeoutOf, whenReady } from './redis.ts';
import type { Signer } from './signing.ts';

const CHANNEL = 'postern:control';
/** ms until the next attempt to subscribe. */
const RETRY = 500;

const controlMessage = z.discriminatedUnion('type', [
  /** The grant is no more: end its sessions. */
  z.strictObject({ type: z.literal('revoke'), grant: z.string() }),
  /** The grant has another end: read it again. */
  z.strictObject({ type: z.literal('extend'), grant: z.string() }),
  /** A reviewer ends one session. */
  z.strictObject({ type: z.literal('end'), session: z.string(), by: z.string() }),
  /** Cancel what runs under this synthetic key; the hash is SHA-256 of the secret key, in hex. */
  z.strictObject({ type: z.literal('cancel'), processId: z.int(), secretKeyHash: z.string() }),
  /** Somebody is short of budget: give unused leases of this grant back now. */
  z.strictObject({ type: z.literal('recall'), grant: z.string() }),
  /** A reviewer has decided on a held statement. */
  z.strictObject({ type: z.literal('hold'), hold: z.string() }),
]);
export type ControlMessage = z.infer<typeof controlMessage>;

const envelope = z.strictObject({ message: z.string(), signature: z.string() });

/** To every process of every node. Rejects when Redis is out of reach; the periodic check then finds what was missed. */
export async function sendControl(
  redis: RedisClient,
  signer: Signer,
  message: ControlMessage,
): Promise<void> {
  await whenReady(redis);
  const text = canonicalJson(message);
  await redis.publish(CHANNEL, JSON.stringify({ message: text, signature: signer.sign('control', text) }));
}

export interface ControlEvents {
  /** A message with a good signature. */
  received(message: ControlMessage): void;
  /** The subscription is live (again): messages may have been missed until now. */
  live(): void;
  /** Somebody without the signing key writes to our channel. */
  forged(): void;
}

/** The receiving end: one connection that does nothing but listen, and listens again after each reconnect. */
export class ControlChannel {
  readonly #redis: RedisClient;
  readonly #signer: Signer;
  readonly #events: ControlEvents;
  readonly #changes = new EventEmitter().setMaxListeners(0);
  #subscribed = false;

  constructor(redis: RedisClient, signer: Signer, events: ControlEvents) {
    this.#redis = redis;
    this.#signer = signer;
    this.#events = events;
    redis.on('message', (_channel: string, text: string) => this.#receive(text));
    redis.on('ready', () => void this.#subscribe());
    redis.on('close', () => {
      this.#subscribed = false;
    });
    if (redis.status === 'ready') void this.#subscribe();
  }

  /** Resolves when what is published reaches us; rejects if it does not within the timeout of the connection. */
  async whenLive(): Promise<void> {
    if (this.#subscribed) return;
    await once(this.#changes, 'live', { signal: AbortSignal.timeout(timeoutOf(this.#redis)) });
  }

  async #subscribe(): Promise<void> {
    try {
      await this.#redis.subscribe(CHANNEL);
    } catch {
      setTimeout(() => {
        if (this.#redis.status === 'ready') void this.#subscribe();
      }, RETRY).unref();
      return;
    }
    this.#subscribed = true;
    this.#changes.emit('live');
    this.#events.live();
  }

  #receive(text: string): void {
    const message = this.#open(text);
    if (message) this.#events.received(message);
    else this.#events.forged();
  }

  #open(text: string): ControlMessage | null {
    const { data: sealed } = envelope.safeParse(parseJson(text));
    if (!sealed || !this.#signer.verify('control', sealed.message, sealed.signature)) return null;
    return controlMessage.safeParse(parseJson(sealed.message)).data ?? null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
