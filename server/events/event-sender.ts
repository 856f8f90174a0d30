/**
 * Sends what is queued for the receivers: some at a time to each, again after a failure, and in the end not at all. Every
 * node runs one; what one of them has begun with and not ended is sent by another. The audit trail has all of it in any case.
 */
import type { Claim, EventQueue } from '../../access/events/event-queue.ts';
import type { Logger } from '../../proxy/ports.ts';
import type { WebhookConfig } from '../config-webhook.ts';
import { type AttemptFault, attempt } from './attempt.ts';
import { receiverOf } from './receiver.ts';

export type DeliveryOutcome = 'delivered' | 'failed';

export interface EventSenderOptions {
  readonly queue: EventQueue;
  readonly receivers: readonly WebhookConfig[];
  readonly logger: Logger;
  readonly counted: (outcome: DeliveryOutcome) => void;
  /** ms between attempts. */
  readonly pauses?: readonly number[];
  /** ms for one attempt. */
  readonly timeout?: number;
  /** ms between looks at the queue. */
  readonly poll?: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const PAUSES = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
];
const TIMEOUT = 5 * SECOND;
const POLL = 500;
const MOST_AT_ONCE = 4;
/** A pause is longer by up to this share, so that not everything that has failed together comes back together. */
const JITTER = 0.2;

export class EventSender {
  readonly #options: EventSenderOptions;
  readonly #lines: readonly ReceiverLine[];
  readonly #timer: NodeJS.Timeout;
  /** Aborted when attempts under way have no time left. */
  readonly #over = new AbortController();

  constructor(options: EventSenderOptions) {
    this.#options = options;
    this.#lines = options.receivers.map((receiver) => new ReceiverLine(receiver, options, this.#over.signal));
    this.#timer = setInterval(() => this.#look(), options.poll ?? POLL).unref();
    this.#look();
  }

  /** What is being tried has the time of one attempt; the rest stays in the queue, for whoever comes next. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const timer = setTimeout(() => this.#over.abort(), this.#options.timeout ?? TIMEOUT);
    await Promise.all(this.#lines.map((line) => line.close()));
    clearTimeout(timer);
  }

  #look(): void {
    for (const line of this.#lines) line.look();
  }
}

/** What goes to one receiver. */
class ReceiverLine {
  readonly #target: WebhookConfig;
  readonly #options: EventSenderOptions;
  readonly #over: AbortSignal;
  readonly #underway = new Set<Promise<void>>();
  #closed = false;
  /** The last attempt failed: said once, until one succeeds. */
  #failing = false;

  constructor(target: WebhookConfig, options: EventSenderOptions, over: AbortSignal) {
    this.#target = target;
    this.#options = options;
    this.#over = over;
  }

  look(): void {
    if (this.#closed || this.#underway.size >= MOST_AT_ONCE) return;
    const work = this.#work().finally(() => this.#underway.delete(work));
    this.#underway.add(work);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#underway);
  }

  /** One after another, until there is nothing. What Redis, out of reach, does not give comes with a later look. */
  async #work(): Promise<void> {
    const { queue, timeout = TIMEOUT } = this.#options;
    try {
      for (;;) {
        const claim = this.#closed ? null : await queue.claim(receiverOf(this.#target), 3 * timeout);
        if (claim === null) return;
        this.look(); // there may be more
        await this.#deliver(claim);
      }
    } catch (fault) {
      this.#options.logger.debug({ err: fault }, 'the queue of events is out of reach');
    }
  }

  async #deliver(claim: Claim): Promise<void> {
    const { queue, counted, logger, pauses = PAUSES, timeout = TIMEOUT } = this.#options;
    const { event } = claim;
    if (event === null) {
      if (claim.entry !== '')
        logger.warn(
          { about: claim.lane },
          'an event that nobody has signed was not sent: who else writes to Redis?',
        );
      await queue.done(claim);
      return;
    }
    const signal = AbortSignal.any([AbortSignal.timeout(timeout), this.#over]);
    const fault = await attempt(this.#target, event, signal);
    if (fault !== null && this.#over.aborted) return; // our end, not the receiver's fault: tried again elsewhere
    this.#note(fault);
    const pause = pauses[claim.attempt - 1];
    if (fault !== null && !fault.lasting && pause !== undefined) {
      await queue.retry(claim, pause * (1 + JITTER * Math.random()));
      return;
    }
    counted(fault === null ? 'delivered' : 'failed');
    if (fault !== null)
      logger.error({ message: event.id }, 'a message for a webhook is given up; the audit trail has it');
    await queue.done(claim);
  }

  #note(fault: AttemptFault | null): void {
    const { logger } = this.#options;
    const { host } = new URL(this.#target.url);
    if (fault === null && this.#failing) logger.info({ host }, 'the webhook takes messages again');
    if (fault !== null && !this.#failing)
      logger.error({ host, fault: fault.what }, 'the webhook does not take messages');
    this.#failing = fault !== null;
  }
}
