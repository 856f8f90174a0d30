/**
 * What happens, told to all who listen. The trail is followed, and sessions are looked at, only while somebody does, and a
 * while longer for those whose connection was lost.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditEventType, SpooledEvent } from '../../audit/events.ts';
import type { TrailSource } from '../../audit/trail-source.ts';
import { type StreamMessage, TOPICS, type Topic } from '../api/stream-schema.ts';
import type { LiveSessions, SessionChanges } from './live-sessions.ts';

export type EventTopic = keyof typeof TOPICS;
export type EventMessage = Extract<StreamMessage, { readonly kind: 'event' }>;

export interface Listener {
  readonly topics: ReadonlySet<Topic>;
  /** Told one after another: the next event waits. */
  event(message: EventMessage, id: string): Promise<void>;
  sessions(changes: SessionChanges): void;
  /** Events may have been missed. */
  missed(): void;
}

export interface LiveHubParts {
  readonly source: Pick<TrailSource, 'follow'>;
  readonly sessions: LiveSessions;
  readonly warn: (message: string) => void;
}

/** Events that are kept for those who come back. */
const MOST_KEPT = 2_000;
/** ms that nobody has to listen until following ends. */
const LINGER = 30_000;
const RETRY = 2_000;

export class LiveHub {
  readonly #parts: LiveHubParts;
  readonly #listeners = new Set<Listener>();
  /** Of this process: another counts from one again. */
  readonly #name = randomBytes(6).toString('hex');
  readonly #kept: { readonly number: number; readonly message: EventMessage }[] = [];
  readonly #following = new Map<string, Following>();
  #last = 0;
  #closed = false;

  constructor(parts: LiveHubParts) {
    this.#parts = parts;
  }

  /** Returns what ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#followWanted();
    return () => {
      this.#listeners.delete(listener);
      for (const each of this.#following.values()) each.lingerUnless(this.#isWanted(each));
    };
  }

  /** What came after the event with that id; null: that is no longer known. */
  since(id: string): readonly { readonly message: EventMessage; readonly id: string }[] | null {
    const [name, number] = id.split('.');
    const from = Number(number);
    const oldest = this.#kept[0]?.number ?? this.#last + 1;
    if (name !== this.#name || !Number.isInteger(from) || from < oldest - 1 || from > this.#last) return null;
    if (this.#following.size === 0) return null;
    return this.#kept
      .filter((each) => each.number > from)
      .map((each) => ({ message: each.message, id: this.#idOf(each.number) }));
  }

  /** Nothing is followed any more, whoever still begins to listen. */
  close(): void {
    this.#closed = true;
    for (const each of this.#following.values()) each.stop();
  }

  #isWanted({ topics }: Following): boolean {
    return [...this.#listeners].some((listener) => topics.some((topic) => listener.topics.has(topic)));
  }

  #followWanted(): void {
    if (this.#closed) return;
    for (const [name, topics] of Object.entries(GROUPS)) {
      const known = this.#following.get(name);
      const following = known ?? new Following(topics, () => this.#stopped(name, topics));
      if (!this.#isWanted(following)) continue;
      following.stay();
      if (known !== undefined) continue;
      this.#following.set(name, following);
      const run = name === 'sessions' ? this.#tellSessions : this.#tellEvents;
      void run.call(this, following);
    }
  }

  #stopped(name: string, topics: readonly Topic[]): void {
    this.#following.delete(name);
    if (topics.includes('sessions')) this.#parts.sessions.forget();
  }

  async #tellSessions({ signal }: Following): Promise<void> {
    for await (const changes of this.#parts.sessions.follow(signal))
      for (const listener of this.#listeners) if (listener.topics.has('sessions')) listener.sessions(changes);
  }

  async #tellEvents({ topics, signal }: Following): Promise<void> {
    const types = topics.flatMap((topic): readonly AuditEventType[] =>
      topic === 'sessions' ? [] : TOPICS[topic],
    );
    while (!signal.aborted) {
      try {
        for await (const event of this.#parts.source.follow({ types }, signal)) {
          const topic = topicOf(event);
          if (topic !== null) await this.#tell({ kind: 'event', topic, event });
        }
        return; // the source is closed
      } catch (fault) {
        this.#missed(fault as Error);
        await sleep(RETRY, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #missed(fault: Error): void {
    this.#parts.warn(`the trail can not be followed now: ${fault.message}`);
    this.#kept.splice(0);
    for (const listener of this.#listeners) listener.missed();
  }

  async #tell(message: EventMessage): Promise<void> {
    const number = ++this.#last;
    this.#kept.push({ number, message });
    if (this.#kept.length > MOST_KEPT) this.#kept.splice(0, MOST_KEPT / 2);
    for (const listener of this.#listeners)
      if (listener.topics.has(message.topic)) await listener.event(message, this.#idOf(number));
  }

  #idOf(number: number): string {
    return `${this.#name}.${number}`;
  }
}

/** What is followed together: statements are many, and few want them. */
const GROUPS = {
  sessions: ['sessions'],
  statements: ['statements'],
  others: ['requests', 'grants', 'holds', 'alarms'],
} as const satisfies Readonly<Record<string, readonly Topic[]>>;

function topicOf({ type }: SpooledEvent): EventTopic | null {
  for (const topic of Object.keys(TOPICS) as EventTopic[]) {
    const types: readonly AuditEventType[] = TOPICS[topic];
    if (types.includes(type)) return topic;
  }
  return null;
}

class Following {
  readonly topics: readonly Topic[];
  readonly #stop = new AbortController();
  readonly #stopped: () => void;
  #lingering: NodeJS.Timeout | null = null;

  constructor(topics: readonly Topic[], stopped: () => void) {
    this.topics = topics;
    this.#stopped = stopped;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  stay(): void {
    if (this.#lingering !== null) clearTimeout(this.#lingering);
    this.#lingering = null;
  }

  lingerUnless(wanted: boolean): void {
    this.stay();
    if (!wanted) this.#lingering = setTimeout(() => this.stop(), LINGER).unref();
  }

  stop(): void {
    this.stay();
    if (this.signal.aborted) return;
    this.#stop.abort();
    this.#stopped();
  }
}
