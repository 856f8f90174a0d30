/**
 * Tells somebody else of alarms, and never holds anything up: what is sent waits in a bounded queue, is tried again for
 * some minutes, and is then given up. The audit trail has all of it in any case.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../proxy/ports.ts';
import type { WebhookConfig } from '../config-webhook.ts';
import { bodyOf, signedHeaders, type WebhookMessage } from './webhook-message.ts';

export type WebhookOutcome = 'delivered' | 'failed' | 'dropped';

export interface WebhookOptions {
  readonly target: WebhookConfig;
  readonly logger: Logger;
  readonly counted: (outcome: WebhookOutcome) => void;
  /** ms between attempts. */
  readonly pauses?: readonly number[];
  /** ms for one attempt. */
  readonly timeout?: number;
}

const PAUSES = [1_000, 5_000, 30_000, 120_000, 300_000];
const TIMEOUT = 5_000;
const MOST_WAITING = 1_000;
const MOST_UNDERWAY = 4;

export class Webhook {
  readonly #options: WebhookOptions;
  readonly #closing = new AbortController();
  readonly #over = new AbortController();
  readonly #deliveries = new Set<Promise<void>>();
  readonly #turns: (() => void)[] = [];
  #underway = 0;
  /** The last attempt failed: said once, until one succeeds. */
  #failing = false;

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  /** Messages that are not delivered yet. */
  get waiting(): number {
    return this.#deliveries.size;
  }

  send(message: WebhookMessage): void {
    const { counted, logger } = this.#options;
    if (this.#closing.signal.aborted || this.#deliveries.size >= MOST_WAITING) {
      counted('dropped');
      logger.error({ message: message.id }, 'a message for the webhook is dropped: too many are waiting');
      return;
    }
    const delivery = this.#deliver(message).finally(() => this.#deliveries.delete(delivery));
    this.#deliveries.add(delivery);
  }

  /** What waits to be tried again is given up; the rest has the time of one attempt. */
  async close(): Promise<void> {
    const { timeout = TIMEOUT } = this.#options;
    this.#closing.abort();
    const timer = setTimeout(() => this.#over.abort(), timeout);
    await Promise.all(this.#deliveries);
    clearTimeout(timer);
  }

  async #deliver(message: WebhookMessage): Promise<void> {
    const { counted, logger, pauses = PAUSES } = this.#options;
    const body = bodyOf(message);
    for (const pause of [...pauses, null]) {
      const fault = await this.#inTurn(() => this.#attempt(message.id, body));
      this.#note(fault);
      if (fault === null) return counted('delivered');
      if (fault.lasting || pause === null || !(await this.#wait(pause))) break;
    }
    counted('failed');
    logger.error({ message: message.id }, 'a message for the webhook is given up; the audit trail has it');
  }

  /** False: there is no point in waiting any longer. */
  #wait(pause: number): Promise<boolean> {
    return delay(pause, true, { signal: this.#closing.signal, ref: false }).catch(() => false);
  }

  async #attempt(id: string, body: string): Promise<Fault | null> {
    const { target, timeout = TIMEOUT } = this.#options;
    try {
      const response = await fetch(target.url, {
        method: 'POST',
        headers: signedHeaders(id, Date.now(), body, target.secret),
        body,
        redirect: 'manual', // whoever answers may not send us elsewhere
        signal: AbortSignal.any([AbortSignal.timeout(timeout), this.#over.signal]),
      });
      await response.body?.cancel();
      return response.ok ? null : faultOf(response.status);
    } catch (fault) {
      return { what: causeOf(fault), lasting: false };
    }
  }

  /** Neither the path nor what was answered is told: either may have secrets. */
  #note(fault: Fault | null): void {
    const { target, logger } = this.#options;
    const { host } = new URL(target.url);
    if (fault === null && this.#failing) logger.info({ host }, 'the webhook takes messages again');
    if (fault !== null && !this.#failing)
      logger.error({ host, fault: fault.what }, 'the webhook does not take messages');
    this.#failing = fault !== null;
  }

  async #inTurn<T>(task: () => Promise<T>): Promise<T> {
    if (this.#underway >= MOST_UNDERWAY) await new Promise<void>((resolve) => this.#turns.push(resolve));
    else this.#underway++;
    try {
      return await task();
    } finally {
      const next = this.#turns.shift();
      if (next === undefined) this.#underway--;
      else next();
    }
  }
}

interface Fault {
  readonly what: string;
  /** It would be the same the next time. */
  readonly lasting: boolean;
}

/** RFC 9110: 408 and 429 ask for another attempt, other 4xx (and redirections) tell that the message is not wanted. */
const faultOf = (status: number): Fault => ({
  what: `status ${status}`,
  lasting: status < 500 && status !== 408 && status !== 429,
});

function causeOf(fault: unknown): string {
  if (!(fault instanceof Error)) return 'unknown';
  const cause = fault.cause as NodeJS.ErrnoException | undefined;
  return cause?.code ?? fault.name;
}
