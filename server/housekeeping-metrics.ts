import { Counter, Gauge, type Registry } from 'prom-client';
import type { DeliveryOutcome } from './events/event-sender.ts';

export interface OpenCounts {
  /** Requests that wait for approvals. */
  readonly pending: number;
  /** Emergencies that nobody has reviewed yet, and those of them whose time for that is over. */
  readonly toReview: number;
  readonly overdue: number;
  /** Things of which a receiver is still to be told. */
  readonly waiting: number;
}

/** What is the same on every node, but for what this one has sent. */
export class HousekeepingMetrics {
  readonly registry: Registry;
  readonly #emergencies: Counter;
  readonly #messages: Counter<'outcome'>;
  readonly #gauges: Readonly<Record<keyof OpenCounts, Gauge>>;

  constructor(registry: Registry) {
    this.registry = registry;
    const registers = [registry];
    this.#emergencies = new Counter({
      name: 'postern_emergencies_total',
      help: 'Emergencies that began, or were still to be reviewed, while this node ran.',
      registers,
    });
    this.#messages = new Counter({
      name: 'postern_webhook_total',
      help: 'Messages for webhooks that this node has delivered, and given up after some attempts.',
      labelNames: ['outcome'],
      registers,
    });
    const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
    this.#gauges = {
      pending: gauge('postern_requests_pending', 'Access requests that wait for approvals.'),
      toReview: gauge('postern_emergencies_to_review', 'Emergencies that nobody has reviewed yet.'),
      overdue: gauge('postern_emergencies_overdue', 'Emergencies whose time for the review is over.'),
      waiting: gauge(
        'postern_webhook_waiting',
        'Requests, grants, holds and alarms of which a webhook is still to be told.',
      ),
    };
  }

  emergency(): void {
    this.#emergencies.inc();
  }

  sent(outcome: DeliveryOutcome): void {
    this.#messages.inc({ outcome });
  }

  counted(counts: OpenCounts): void {
    for (const [name, gauge] of Object.entries(this.#gauges)) gauge.set(counts[name as keyof OpenCounts]);
  }
}
