/**
 * Prometheus metrics of one process; a primary adds those of its workers up. Labels have few values each. What is
 * counted for every statement is a plain number, and becomes a metric when the metrics are read.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { SessionEndReason } from '../audit/events.ts';
import type { SpoolStats } from '../audit/spool.ts';
import type { Metrics } from '../proxy/ports.ts';

type Decision = Parameters<Metrics['statement']>[0];

/** Bucket bounds in seconds; of what is added they stand closer, where it most often is. */
const DECISION_BUCKETS = [0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

const ADDED_BUCKETS = [
  ...[0.00005, 0.0001, 0.00015, 0.0002, 0.0003, 0.0004, 0.0006, 0.0008, 0.001, 0.0015, 0.002, 0.003, 0.005],
  ...[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5],
];

export class ProxyMetrics implements Metrics {
  readonly registry: Registry;
  readonly #sessions: Gauge;
  readonly #ended: Counter<'reason'>;
  readonly #refused: Counter<'cause'>;
  readonly #decided: Histogram;
  readonly #added: Histogram;
  readonly #cuts: Counter<'budget'>;
  readonly #roles: Counter<'change'>;
  /** By decision, then by the message it came with. */
  readonly #statements: Record<Decision, Map<string, number>> = {
    allow: new Map(),
    observe: new Map(),
    deny: new Map(),
    hold: new Map(),
  };
  #rows = 0;
  #bytes = 0;

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
    this.#decided = new Histogram({
      name: 'postern_decision_seconds',
      help: 'Time from a text being read to its decision; prepared statements are not decided again.',
      buckets: DECISION_BUCKETS,
      registers,
    });
    this.#added = new Histogram({
      name: 'postern_added_seconds',
      help: 'Time that bytes spend in Postern, of a client on their way to the upstream and of its first answer back; the first 16 exchanges of a session, then one in 64.',
      buckets: ADDED_BUCKETS,
      registers,
    });
    this.#cuts = new Counter({
      name: 'postern_results_cut_total',
      help: 'Results that were cut, by the budget that was spent.',
      labelNames: ['budget'],
      registers,
    });
    this.#roles = new Counter({
      name: 'postern_roles_total',
      help: 'Database roles of grants that were created, updated and dropped, and attempts that failed.',
      labelNames: ['change'],
      registers,
    });
    this.#watchStatements();
    this.#watch('postern_rows_total', 'Rows delivered to clients.', () => this.#rows);
    this.#watch('postern_result_bytes_total', 'Bytes of rows delivered to clients.', () => this.#bytes);
  }

  /** Databases of which the grants' scopes are not enforced, to be seen from far. */
  observing(databases: readonly string[]): void {
    const gauge = new Gauge({
      name: 'postern_observed',
      help: '1: what grants do not cover is let pass and counted as decision="observe".',
      labelNames: ['database'],
      aggregator: 'max',
      registers: [this.registry],
    });
    for (const database of databases) gauge.set({ database }, 1);
  }

  /** What the spool counts itself. */
  watchSpool(stats: () => SpoolStats): void {
    this.#watch('postern_audit_spool_events_total', 'Events appended to the spool.', () => stats().events);
    this.#watch('postern_audit_spool_bytes_total', 'Bytes written to the spool.', () => stats().bytes);
    this.#watch('postern_audit_spool_commits_total', 'Commits of the spool.', () => stats().commits);
    this.#watch('postern_audit_spool_failures_total', 'Writes that failed.', () => stats().failures);
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

  statement(decision: Decision, via: string): void {
    const counts = this.#statements[decision];
    counts.set(via, (counts.get(via) ?? 0) + 1);
  }

  decided(seconds: number): void {
    this.#decided.observe(seconds);
  }

  added(seconds: number): void {
    this.#added.observe(seconds);
  }

  delivered(rows: number, bytes: number): void {
    this.#rows += rows;
    this.#bytes += bytes;
  }

  cut(budget: string): void {
    this.#cuts.inc({ budget });
  }

  roleChanged(change: 'created' | 'updated' | 'dropped' | 'failed'): void {
    this.#roles.inc({ change });
  }

  #watch(name: string, help: string, value: () => number): void {
    new Counter({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  }

  #watchStatements(): void {
    const statements = this.#statements;
    new Counter({
      name: 'postern_statements_total',
      help: 'Statements, by decision and by the message they came with.',
      labelNames: ['decision', 'via'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [decision, counts] of Object.entries(statements))
          for (const [via, count] of counts) this.inc({ decision, via }, count);
      },
    });
  }
}
