/**
 * One client connection after login: owns both sockets, joins the gate and the results, keeps backpressure on both
 * sides, and ends. Diagram and rules: see README of this folder in docs/architecture.md.
 */
import type { Duplex } from 'node:stream';
import type { SessionEndReason } from '../audit/events.ts';
import type { ErrorFields } from '../guardrails/types.ts';
import { AddedTime } from './added-time.ts';
import type { Committed, Committer } from './committer.ts';
import * as errors from './errors.ts';
import { Gate } from './gate.ts';
import { Outbox } from './outbox.ts';
import { Pipeline } from './pipeline.ts';
import { TERMINATE } from './poison.ts';
import type { Admission, Logger, RiskWatch, SessionGuard, SessionHolds } from './ports.ts';
import { PreparedStatements } from './prepared-statements.ts';
import type { Recorder } from './recorder.ts';
import { Results } from './results.ts';
import type { SessionLimits, SessionState } from './session-state.ts';
import { LARGE, SpentBuffers } from './spent-buffers.ts';
import { type Answering, hear, inCompany, passOnLater, turn } from './turns.ts';
import { errorResponse } from './wire/backend-messages.ts';

/** After the last word to a client that does not read: how long its socket is kept, ms. */
const LINGER = 500;

/** Bytes in a chunk of a client that has more to send: a full TLS record, or a quarter of what is read at once without. */
const MUCH = 16 * 1024;

/** Bytes one way, without a word the other way, from which on it is a bulk. */
const BULK = 1024 * 1024;

/** Bytes of a client's that are kept while its statement waits for a reviewer, so that its leaving is heard. */
const HEARD = 64 * 1024;

export interface SessionParts {
  readonly client: Duplex;
  readonly upstream: Duplex;
  readonly cancelUpstream: () => Promise<void>;
  readonly guard: SessionGuard;
  readonly admission: Admission;
  readonly risk: RiskWatch;
  readonly holds: SessionHolds;
  readonly recorder: Recorder;
  readonly committer: Committer;
  readonly limits: SessionLimits;
  readonly logger: Logger;
  readonly onClosed: () => void;
}

export class Session implements SessionState, Committed, Answering {
  readonly pipeline = new Pipeline();
  readonly prepared = new PreparedStatements();
  readonly guard: SessionGuard;
  readonly admission: Admission;
  readonly risk: RiskWatch;
  readonly holds: SessionHolds;
  readonly recorder: Recorder;
  readonly limits: SessionLimits;
  transactionStatus: 'I' | 'T' | 'E' = 'I';
  readonly #parts: SessionParts;
  readonly #gate: Gate;
  readonly #results: Results;
  #forUpstream = new Outbox();
  /** An empty one, for what comes while another's events are committed. */
  #spare: Outbox | null = null;
  /** Commits that are waited for. */
  #commits = 0;
  /** Nothing is sent upstream any more. */
  #drops = false;
  readonly #forClient = new Outbox();
  readonly #added = new AddedTime((ms) => this.recorder.added(ms));
  readonly #spentOnUpstream = new SpentBuffers();
  readonly #spentOnClient = new SpentBuffers();
  /** Results of one chunk are being handled: what they are for the client leaves as one write. */
  #receiving = false;
  /** Answers are passed on at the end of this turn of the event loop. */
  #passesOn = false;
  /** Bytes that have come in large chunks from one side, in company, since the other was last heard. */
  #streamed = { client: 0, upstream: 0 };
  #scheduled = false;
  #ended = false;
  #draining = false;
  #wakeUp = false;
  /** The gate is busy, and the client is read from all the same. */
  #hears = false;
  /** Cancels of the client's that may still hit what is sent. */
  #cancels = 0;
  /** Why a side is not read from now; it is read from when there is no reason left. */
  readonly #clientHeld = new Set<'gate' | 'upstream-full' | 'turn'>();
  readonly #upstreamHeld = new Set<'lease' | 'client-full' | 'turn'>();

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.guard = parts.guard;
    this.admission = parts.admission;
    this.risk = parts.risk;
    this.holds = parts.holds;
    this.recorder = parts.recorder;
    this.limits = parts.limits;
    this.#gate = new Gate(this, {
      waiting: (waits) => this.#holdClient('gate', waits),
      terminated: () => this.#finish('client', null),
      violated: (fault) => {
        this.recorder.violated(fault.message);
        this.end('protocol', errors.protocolViolation(fault.message, fault.sqlstate));
      },
      failed: (fault) => this.#fail(fault),
      spent: (buffer) => this.#spentOnUpstream.add(buffer),
    });
    this.#results = new Results(this, {
      waiting: (waits) => this.#holdUpstream('lease', waits),
      answered: () => this.#answered(),
    });
  }

  /** Begin relaying; what came behind the login, from either side, comes first. */
  start(fromClient: Buffer, fromUpstream: Buffer): void {
    const { client, upstream } = this.#parts;
    upstream.on('data', (chunk: Buffer) => this.#receiveResults(chunk));
    upstream.on('drain', () => {
      this.#spentOnUpstream.drained(upstream);
      this.#holdClient('upstream-full', false);
    });
    upstream.on('error', () => {});
    upstream.on('close', () => this.#upstreamClosed());
    upstream.once('close', () => this.guard.closed());
    client.on('data', (chunk: Buffer) => this.#receive(chunk));
    client.on('drain', () => {
      this.#spentOnClient.drained(client);
      this.#holdUpstream('client-full', false);
    });
    client.on('error', () => {});
    client.on('end', () => this.#finish('client', null));
    client.on('close', () => this.#finish('client', null));
    if (fromUpstream.length > 0) this.#receiveResults(fromUpstream);
    if (fromClient.length > 0) this.#gate.receive(fromClient);
    client.resume();
    upstream.resume();
    this.#parts.committer.schedule(this);
    if (client.destroyed) this.#finish('client', null);
    if (upstream.destroyed) this.#upstreamClosed();
  }

  settled(): boolean {
    return this.#results.settled && this.#cancels === 0;
  }

  toUpstream(bytes: Buffer): void {
    this.#forUpstream.push(bytes);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#parts.committer.schedule(this);
  }

  toClient(bytes: Buffer): void {
    if (this.#ended) return;
    this.#forClient.push(bytes);
    if (!this.#receiving) this.#flushClient();
  }

  hear(hears: boolean): void {
    if (this.#ended) return;
    this.#added.forget();
    this.#hears = hears;
    this.#holdClient('gate', !hears || this.#gate.backlog > HEARD);
  }

  takeQueued(): Outbox {
    const queued = this.#forUpstream;
    this.#forUpstream = this.#spare ?? new Outbox();
    this.#spare = null;
    this.#scheduled = false;
    this.#commits++;
    return queued;
  }

  flushUpstream(queued: Outbox): void {
    this.#commits--;
    const { upstream } = this.#parts;
    if (upstream.destroyed || upstream.writableEnded) return;
    if (this.#drops) queued.clear();
    const ready = queued.flush(upstream);
    this.#spare = queued;
    const last = this.#commits === 0 && !this.#scheduled;
    if (last) this.#added.sent();
    if (last) this.#spentOnUpstream.written(upstream);
    if (this.#ended && last) this.#closeUpstream();
    else if (!this.#ended && !ready) this.#holdClient('upstream-full', true);
  }

  trailFailed(): void {
    this.#commits--;
    this.#forUpstream.clear();
    this.#spentOnUpstream.forget();
    if (this.#ended) this.#closeUpstream();
    else this.end('spool', errors.trailUnavailable);
  }

  cancelUpstream(): Promise<void> {
    return this.#parts.cancelUpstream();
  }

  /**
   * The client asked, by its synthetic key. As in PostgreSQL an idle session ignores it, and it hits no statement that
   * is sent after this resolves; one that is sent before waits.
   */
  async cancel(): Promise<void> {
    const withdrawn = this.#gate.withdraw();
    if (this.#ended || (this.pipeline.size === 0 && !withdrawn)) return;
    this.recorder.cancelled();
    if (withdrawn) return; // all that was sent is answered
    this.#cancels++;
    try {
      await this.cancelUpstream();
    } catch (fault) {
      this.#parts.logger.warn({ err: fault, session: this.recorder.ref.session }, 'cancel failed');
    }
    this.#cancels--;
    this.#answered();
  }

  /** Shutdown: end as soon as no transaction is open and nothing is under way. */
  drain(): void {
    this.#draining = true;
    this.#endIfIdle();
  }

  end(reason: SessionEndReason, error: ErrorFields): void {
    if (this.#ended) return;
    this.#flushClient();
    if (this.#results.atBoundary) this.#parts.client.write(errorResponse('FATAL', error));
    this.#finish(reason, error.message);
  }

  /** If the upstream said why, in a FATAL error, the client has that already. */
  #upstreamClosed(): void {
    if (this.#results.fatal === null) this.end('upstream', errors.upstreamLost);
    else this.#finish('upstream', this.#results.fatal);
  }

  #endIfIdle(): void {
    if (this.#draining && this.pipeline.size === 0 && this.transactionStatus === 'I') {
      this.end('drain', errors.shutdown);
    }
  }

  /** Replies free what waited for them, after the chunk they came in has been passed on. */
  #answered(): void {
    if (this.#wakeUp || !(this.#gate.waits || this.#draining)) return;
    this.#wakeUp = true;
    queueMicrotask(() => {
      this.#wakeUp = false;
      if (this.#ended) return;
      this.#gate.resume();
      this.#endIfIdle();
    });
  }

  /** What a client with much to send has next is read in another turn of the event loop, where others have something. */
  #receive(chunk: Buffer): void {
    const { length } = chunk; // a long message takes it
    if (this.#commits === 0 && !this.#scheduled) this.#added.arrived();
    if (!this.pipeline.copyIn) hear(this); // data is no statement: two that are loaded side by side need no rest
    this.#streamed.upstream = 0;
    this.#gate.receive(chunk);
    if (this.#hears && this.#gate.backlog > HEARD) this.#holdClient('gate', true);
    if (length < MUCH || !inCompany(this)) return;
    this.#streamed.client += length;
    this.#holdClient('turn', true);
    turn(this, this.#streamed.client > BULK).then(() => this.#holdClient('turn', false));
  }

  #receiveResults(chunk: Buffer): void {
    if (this.#ended) return;
    const { length } = chunk; // none is left of it once it is given back
    this.#added.answered();
    this.#receiving = true;
    try {
      this.#results.receive(chunk);
    } catch (fault) {
      this.#fail(fault);
    }
    this.#receiving = false;
    if (this.#results.keepsNothing) this.#spentOnClient.add(chunk);
    this.#streamed.client = 0;
    if (length < LARGE && inCompany(this)) return this.#passOnLater();
    this.passOn();
    if (length < MUCH || !inCompany(this)) return;
    this.#streamed.upstream += length;
    this.#holdUpstream('turn', true);
    turn(this, this.#streamed.upstream > BULK).then(() => this.#holdUpstream('turn', false));
  }

  #passOnLater(): void {
    if (this.#passesOn) return;
    this.#passesOn = true;
    passOnLater(this);
  }

  passOn(): void {
    this.#passesOn = false;
    this.#flushClient();
    this.#spentOnClient.written(this.#parts.client);
  }

  #flushClient(): void {
    if (this.#ended || this.#forClient.empty) return;
    if (!this.#forClient.flush(this.#parts.client)) this.#holdUpstream('client-full', true);
    this.#added.passed();
  }

  #fail(fault: unknown): void {
    const { session, grant } = this.recorder.ref;
    this.#parts.logger.error({ err: fault, session, grant }, 'session failed');
    this.end('error', errors.internal);
  }

  #holdClient(reason: 'gate' | 'upstream-full' | 'turn', hold: boolean): void {
    setHold(this.#parts.client, this.#clientHeld, reason, hold);
  }

  #holdUpstream(reason: 'lease' | 'client-full' | 'turn', hold: boolean): void {
    setHold(this.#parts.upstream, this.#upstreamHeld, reason, hold);
  }

  #finish(reason: SessionEndReason, detail: string | null): void {
    if (this.#ended) return;
    if (this.#passesOn) this.#flushClient(); // it may be why the session ends
    this.#ended = true;
    this.#gate.close();
    this.#parts.logger.info(this.recorder.ended(reason, detail), 'session ended');
    this.risk.close(this.recorder.sums);
    this.#closeClient();
    if (reason === 'client') {
      this.#parts.committer.schedule(this); // what it sent before it left still runs, as without the proxy
    } else {
      this.#drops = true;
      this.#parts.committer.schedule(this);
      this.#cancelAndClose();
    }
    this.admission.release(false).catch((fault: unknown) => {
      this.#parts.logger.warn({ err: fault, session: this.recorder.ref.session }, 'release failed');
    });
    this.#parts.onClosed();
  }

  #closeClient(): void {
    const { client } = this.#parts;
    client.removeAllListeners('data');
    client.resume(); // unread bytes would turn the close into a reset, and the last error would be lost
    client.end();
    setTimeout(() => client.destroy(), LINGER).unref();
  }

  /** A backend that is busy does not notice that its client is gone, so what runs is cancelled first. */
  #cancelAndClose(): void {
    const close = (): void => this.#closeUpstream();
    if (this.pipeline.size === 0 || this.#parts.upstream.destroyed) close();
    else this.cancelUpstream().then(close, close);
  }

  #closeUpstream(): void {
    const { upstream } = this.#parts;
    if (upstream.destroyed || upstream.writableEnded) return;
    upstream.removeAllListeners('data');
    upstream.resume();
    upstream.end(TERMINATE);
    setTimeout(() => upstream.destroy(), LINGER).unref();
  }
}

function setHold<R>(stream: Duplex, held: Set<R>, reason: R, hold: boolean): void {
  if (hold) {
    held.add(reason);
    stream.pause();
  } else if (held.delete(reason) && held.size === 0) {
    stream.resume();
  }
}
