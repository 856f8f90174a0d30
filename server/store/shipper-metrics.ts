import { Gauge, Registry } from 'prom-client';
import type { StoreState } from './store-state.ts';

/** Prometheus metrics of the way into the store. */
export class ShipperMetrics {
  readonly registry = new Registry();

  constructor(state: () => StoreState) {
    this.#watch('postern_audit_store_up', '1: the audit store is reached.', () => Number(state().reachable));
    this.#watch(
      'postern_audit_store_lag_events',
      'Events of this node that the store does not have yet.',
      () => state().behind,
    );
    this.#watch(
      'postern_audit_store_lag_seconds',
      'How long the first of them has been waiting.',
      () => state().behindSeconds,
    );
    this.#watch(
      'postern_audit_store_shipped_events',
      "Events that have been shipped since the shipper's start.",
      () => state().shipped,
    );
  }

  #watch(name: string, help: string, value: () => number): void {
    new Gauge({
      ...{ name, help, registers: [this.registry] },
      collect() {
        this.set(value());
      },
    });
  }
}
