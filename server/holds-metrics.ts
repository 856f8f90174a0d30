import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { HoldOutcome } from '../proxy/ports.ts';

/** Bucket bounds in seconds. */
const WAIT_BUCKETS = [1, 5, 15, 30, 60, 120, 300, 900, 3600];

/** Statements that wait for a reviewer, counted. */
export class HoldsMetrics {
  readonly #waiting: Gauge;
  readonly #decided: Counter<'outcome'>;
  readonly #waits: Histogram;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#waiting = new Gauge({
      name: 'postern_holds_waiting',
      help: 'Statements that wait for a reviewer.',
      registers,
    });
    this.#decided = new Counter({
      name: 'postern_holds_total',
      help: 'Statements that were to wait for a reviewer, by what became of them.',
      labelNames: ['outcome'],
      registers,
    });
    this.#waits = new Histogram({
      name: 'postern_hold_wait_seconds',
      help: 'How long statements waited until they were decided on, or nobody had.',
      buckets: WAIT_BUCKETS,
      registers,
    });
  }

  begun(): void {
    this.#waiting.inc();
  }

  ended(outcome: HoldOutcome['kind'], ms: number): void {
    this.#waiting.dec();
    this.#decided.inc({ outcome });
    if (outcome === 'approved' || outcome === 'denied' || outcome === 'expired')
      this.#waits.observe(ms / 1000);
  }
}
