/**
 * What time does by itself, seen to by every node, done by one: pending requests and grants expire, emergencies become due
 * for review, receivers outside are told.
 */
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { createIssuer, type Issuer } from '../access/access.ts';
import type { AccessRequest } from '../access/requests/access-request.ts';
import { reviewDue } from '../access/requests/aftercare.ts';
import type { AuditEvent } from '../audit/events.ts';
import { Spool } from '../audit/spool.ts';
import type { Config } from './config.ts';
import { EventSender } from './events/event-sender.ts';
import { Outbox } from './events/outbox.ts';
import { receiverOf, receiversOf } from './events/receiver.ts';
import { HousekeepingMetrics } from './housekeeping-metrics.ts';

/** Name of its stream in the spool. */
const STREAM = 'time';
/** ms from one round to the next. */
const ROUND = 2_000;

export class Housekeeping {
  readonly #config: Config;
  readonly #logger: Logger;
  /** Opened with the first event. */
  #spool: Spool | null = null;
  readonly #issuer: Issuer;
  readonly #outbox: Outbox;
  readonly #sender: EventSender;
  readonly #metrics = new HousekeepingMetrics(new Registry());
  /** Emergencies to be reviewed that the log has. */
  #seen: ReadonlySet<string> = new Set();
  readonly #closing = new AbortController();
  #round: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #failing = false;

  /** Begins at once. */
  constructor(config: Config, logger: Logger) {
    this.#config = config;
    this.#logger = logger;
    this.#issuer = createIssuer({
      redis: config.redis,
      signingKey: config.signingKey,
      record: (event) => this.#record(event),
    });
    const receivers = receiversOf(config);
    const queue = this.#issuer.events;
    this.#outbox = new Outbox({ receivers, queue, logger });
    this.#sender = new EventSender({
      ...{ receivers, queue, logger },
      counted: (outcome) => this.#metrics.sent(outcome),
    });
    this.#go();
  }

  /** Prometheus text. */
  metrics(): Promise<string> {
    return this.#metrics.registry.metrics();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await this.#round;
    await this.#outbox.settled();
    await this.#sender.close();
    this.#issuer.close();
    await this.#spool?.close();
  }

  #go(): void {
    this.#round = this.#keep().then(
      () => this.#note(null),
      (fault: unknown) => this.#note(fault),
    );
    void this.#round.then(() => {
      if (!this.#closing.signal.aborted) this.#timer = setTimeout(() => this.#go(), ROUND).unref();
    });
  }

  async #keep(): Promise<void> {
    const { requests, store, events } = this.#issuer;
    await requests.expireDue();
    await store.expireDue();
    const open = await requests.open();
    const owed = open.requests.filter((request) => reviewDue(request) !== null);
    for (const request of owed) this.#warn(request);
    this.#seen = new Set(owed.map(({ id }) => id));
    const now = Date.now();
    const waiting = await Promise.all(
      receiversOf(this.#config).map((each) => events.waiting(receiverOf(each))),
    );
    this.#metrics.counted({
      pending: open.requests.length - owed.length,
      toReview: owed.length,
      overdue: owed.filter((request) => (reviewDue(request) ?? 0) <= now).length,
      waiting: waiting.reduce((sum, each) => sum + each, 0),
    });
  }

  /** Once each, on every node: nobody breaks the glass unheard. */
  #warn(request: AccessRequest): void {
    const { id, principal, database, reason, state } = request;
    if (this.#seen.has(id) || state.kind !== 'approved') return;
    this.#metrics.emergency();
    const reviewBy = new Date(reviewDue(request) ?? 0).toISOString();
    this.#logger.warn(
      { request: id, grant: state.grant, principal: principal.id, database, reason, reviewBy },
      'emergency access: it is to be reviewed',
    );
  }

  async #record(event: AuditEvent): Promise<void> {
    this.#spool ??= this.#openSpool();
    this.#spool.append(event);
    if (!(await this.#spool.commit())) throw new Error('the audit trail can not be written');
    this.#outbox.note(event);
  }

  #openSpool(): Spool {
    const { audit, node } = this.#config;
    return Spool.open({
      ...{ directory: audit.spool, node, stream: STREAM, fsync: audit.fsync },
      onFault: (fault) => this.#logger.error({ err: fault }, 'the audit spool cannot be written'),
    });
  }

  /** Redis out of reach is for a later round. Said once, until it goes again. */
  #note(fault: unknown): void {
    if (fault !== null && !this.#failing && !this.#closing.signal.aborted)
      this.#logger.warn({ err: fault }, 'requests can not be looked after now');
    this.#failing = fault !== null;
  }
}
