/** Prometheus metrics of one process; a primary adds those of its workers up. Labels have few values each. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { SessionEndReason } from '../audit/events.ts';
import type { SpoolStats } from '../audit/spool.ts';
import type { Metrics } from '../proxy/ports.ts';

export class ProxyMetrics implements Metrics {
  readonly registry: Registry;
  readonly #sessions: Gauge;
  readonly #ended: Counter<'reason'>;
  readonly #refused: Counter<'cause'>;
  readonly #statements: Counter<'decision' | 'via'>;
  /** Children by decision and via: looking one up by its labels costs more than counting. */
  readonly #statementCounts = new Map<string, Counter.Internal>();
  readonly #decided: Histogram;
  readonly #rows: Counter;
  readonly #bytes: Counter;
  readonly #cuts: Counter<'budget'>;

  constructor(registry = new Registry()) {
    this.registry = registry;
    const registers = [registry];
    collectDefaultMetrics({ register: registry, prefix: 'postern_' });
    this.#sessions = new Gauge({ name: 'postern_sessions', help: 'Open sessions.', registers });
    this.#ended = new Counter({
      name: 'postern_sessions_ended_total',
      help: 'Sessions that have ended, by reason.',
      labelNames: ['reason'],
      registers,
    });
    this.#refused = new Counter({
      name: 'postern_logins_refused_total',
      help: 'Logins that were refused, by cause.',
      labelNames: ['cause'],
      registers,
    });
    this.#statements = new Counter({
      name: 'postern_statements_total',
      help: 'Statements, by decision and by the message they came with.',
      labelNames: ['decision', 'via'],
      registers,
    });
    this.#decided = new Histogram({
      name: 'postern_decision_seconds',
      help: 'Time from a statement being read to its decision.',
      buckets: [0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
      registers,
    });
    this.#rows = new Counter({ name: 'postern_rows_total', help: 'Rows delivered to clients.', registers });
    this.#bytes = new Counter({
      name: 'postern_result_bytes_total',
      help: 'Bytes of rows delivered to clients.',
      registers,
    });
    this.#cuts = new Counter({
      name: 'postern_results_cut_total',
      help: 'Results that were cut, by the budget that was spent.',
      labelNames: ['budget'],
      registers,
    });
  }

  /** What the spool counts itself is read when the metrics are. */
  watchSpool(stats: () => SpoolStats): void {
    const counts = {
      events: 'Events appended to the audit spool.',
      bytes: 'Bytes written to the audit spool.',
      commits: 'Writes to the audit spool.',
      failures: 'Writes to the audit spool that failed.',
    } as const;
    for (const [name, help] of Object.entries(counts) as [keyof typeof counts, string][]) {
      new Counter({
        name: `postern_audit_spool_${name}_total`,
        help,
        registers: [this.registry],
        collect() {
          this.reset();
          this.inc(stats()[name]);
        },
      });
    }
  }

  sessionOpened(): void {
    this.#sessions.inc();
  }

  sessionClosed(reason: SessionEndReason): void {
    this.#sessions.dec();
    this.#ended.inc({ reason });
  }

  loginRefused(cause: string): void {
    this.#refused.inc({ cause });
  }

  statement(decision: 'allow' | 'deny' | 'hold', via: string): void {
    const key = decision + via;
    let count = this.#statementCounts.get(key);
    if (count === undefined) {
      count = this.#statements.labels({ decision, via });
      this.#statementCounts.set(key, count);
    }
    count.inc();
  }

  decided(seconds: number): void {
    this.#decided.observe(seconds);
  }

  delivered(rows: number, bytes: number): void {
    this.#rows.inc(rows);
    this.#bytes.inc(bytes);
  }

  cut(budget: string): void {
    this.#cuts.inc({ budget });
  }
}
