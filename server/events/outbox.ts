/** Where a process puts what others are to be told of: into the queue of each receiver that wants it. */
import type { EventQueue } from '../../access/events/event-queue.ts';
import type { AuditEvent } from '../../audit/events.ts';
import { maskedText } from '../../audit/masked.ts';
import type { Logger } from '../../proxy/ports.ts';
import type { WebhookConfig } from '../config-webhook.ts';
import type { EventMessage } from './message.ts';
import { messageOf } from './message-of.ts';
import { receiverOf } from './receiver.ts';

export interface OutboxOptions {
  readonly receivers: readonly WebhookConfig[];
  readonly queue: EventQueue;
  readonly logger: Pick<Logger, 'error'>;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #underway = new Set<Promise<void>>();
  /** Events about one thing are queued in their order. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Of what goes into the audit trail, tells what others are to know. Returns at once. */
  note(event: AuditEvent): void {
    if (this.#options.receivers.length === 0) return;
    const message = messageOf(event);
    if (message !== null) this.send(message);
  }

  send(message: EventMessage): void {
    if (this.#options.receivers.every((each) => !wants(each, message))) return;
    if (this.#underway.size >= MOST_UNDERWAY) return this.#lost(message, 'too many wait for Redis');
    const work = this.#last.then(() => this.#queue(message)).finally(() => this.#underway.delete(work));
    this.#underway.add(work);
    this.#last = work;
  }

  /** Resolves when all is in the queue, or lost. */
  async settled(): Promise<void> {
    await Promise.all(this.#underway);
  }

  async #queue(message: EventMessage): Promise<void> {
    const { receivers, queue } = this.#options;
    for (const receiver of receivers) {
      if (!wants(receiver, message)) continue;
      const event = { id: message.id, body: bodyOf(message, receiver) };
      await queue.add(receiverOf(receiver), message.about, event).then(
        (added) => added || this.#lost(message, 'too many wait for their receiver'),
        (fault: unknown) => this.#lost(message, fault instanceof Error ? fault.message : 'unknown'),
      );
    }
  }

  /** It holds nothing up: the audit trail has it. */
  #lost({ id, type }: EventMessage, why: string): void {
    this.#options.logger.error({ message: id, type, why }, 'a message for a webhook is dropped');
  }
}

const MOST_UNDERWAY = 1_000;

const wants = ({ types }: WebhookConfig, { type }: EventMessage): boolean =>
  types === null || types.some((each) => each === type || each === `${type.split('.')[0]}.*`);

/** JSON without secrets. */
const bodyOf = (message: EventMessage, receiver: Pick<WebhookConfig, 'details' | 'sql'>): string => {
  const { type, timestamp, data, details, sql } = message;
  const told = { ...data, ...(receiver.details && details), ...(receiver.sql && sql) };
  return JSON.stringify({ type, timestamp, data: told }, (_name, value) =>
    typeof value === 'string' ? cut(maskedText(value)) : value,
  );
};

/** Characters of one text: a statement may have millions. */
const MOST_CHARACTERS = 20_000;

const cut = (text: string): string =>
  text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
