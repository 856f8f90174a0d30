/**
 * From the client to the upstream: the enforcement point. A closed list of messages; each text is examined, each
 * refusal is put in place as poison, and what may pass is forwarded as the very bytes that came (promises 1 to 4).
 *
 * Handling is strictly one message at a time: a handler that has to wait returns a promise, and until it settles no
 * further message is looked at and the client is not read from.
 */
import { setImmediate } from 'node:timers/promises';
import type { Verdict } from '../guardrails/types.ts';
import { Clearance, type Later } from './clearance.ts';
import { CopyRelay } from './copy-relay.ts';
import { decidingValues } from './deciding-values.ts';
import * as errors from './errors.ts';
import { Examiner } from './examiner.ts';
import { Forwarder } from './forwarder.ts';
import type { GateListener } from './gate-listener.ts';
import { type Approval, earlyApproval, takeApproval } from './holds/approval.ts';
import { DeferredParse } from './holds/deferred-parse.ts';
import { namesUncertain } from './names-uncertain.ts';
import { mayOvertake } from './overtaking.ts';
import { Pacer } from './pacer.ts';
import { parameterTexts } from './parameter-texts.ts';
import { DESCRIBE, entry } from './pipeline.ts';
import type { Portal, PreparedStatement } from './prepared-statements.ts';
import { Refusals } from './refusals.ts';
import type { SessionState } from './session-state.ts';
import { applyCursors, applyNames, both } from './statement-effects.ts';
import { FUNCTION_CALL } from './unexamined.ts';
import { frameLimit } from './wire/frame-limits.ts';
import { FrameScanner } from './wire/frame-scanner.ts';
import * as decode from './wire/frontend-messages.ts';
import { FRONTEND } from './wire/message-types.ts';
import { ProtocolError } from './wire/protocol-error.ts';

export class Gate {
  readonly #session: SessionState;
  readonly #listener: GateListener;
  readonly #scanner: FrameScanner;
  readonly #examiner: Examiner;
  readonly #copy: CopyRelay;
  readonly #pacer: Pacer;
  readonly #forwarder: Forwarder;
  readonly #refusals: Refusals;
  readonly #clearance: Clearance;
  /** What came last, and waits for what comes next. */
  #deferred: DeferredParse | null = null;
  #busy = false;
  #parked = false;
  #closed = false;

  constructor(session: SessionState, listener: GateListener) {
    this.#session = session;
    this.#listener = listener;
    const limit = frameLimit(session.limits.maxMessageBytes);
    this.#scanner = new FrameScanner(limit, (buffer) => listener.spent(buffer));
    this.#examiner = new Examiner(session);
    this.#copy = new CopyRelay(session.pipeline);
    this.#pacer = new Pacer(session);
    this.#forwarder = new Forwarder((bytes) => session.toUpstream(bytes));
    this.#refusals = new Refusals(session, this.#forwarder);
    this.#clearance = new Clearance(session, {
      skips: () => this.#skips,
      idle: () => this.#idle(),
      refuse: (via, verdict, error) => this.#refusals.refuse(via, verdict, error),
    });
  }

  receive(chunk: Buffer): void {
    this.#scanner.push(chunk);
    if (!this.#busy) this.#drain();
  }

  /** Something is held back until replies have come. */
  get waits(): boolean {
    return this.#parked || this.#pacer.waits;
  }

  /** Something was answered: if that was what the gate waited for, go on. */
  resume(): void {
    this.#pacer.answered();
    if (!this.#parked || this.#busy) return;
    this.#drain();
  }

  /** Bytes that have come and are not looked at yet. */
  get backlog(): number {
    return this.#scanner.backlog;
  }

  /** The client gives up what waits for a reviewer. False: nothing does. */
  withdraw(): boolean {
    return this.#clearance.withdraw();
  }

  close(): void {
    this.#closed = true;
    this.#clearance.withdraw();
  }

  #drain(): void {
    try {
      this.#drainFrames();
    } catch (fault) {
      this.#forwarder.flush();
      if (fault instanceof ProtocolError) this.#listener.violated(fault);
      else this.#listener.failed(fault);
    }
  }

  #drainFrames(): void {
    for (let handled = 0; !this.#closed; handled++) {
      if (!this.#parked && !this.#scanner.next()) break;
      if (this.#mustWait(this.#scanner.type)) {
        this.#park();
        return;
      }
      if (this.#parked) {
        this.#parked = false;
        this.#listener.waiting(false);
      }
      const handling = this.#handle(this.#scanner.type);
      const later = handling ?? (handled >= MAX_A_TURN ? setImmediate() : undefined);
      if (later !== undefined) {
        this.#wait(later);
        return;
      }
    }
    this.#forwarder.flush();
  }

  #wait(later: Promise<void>): void {
    this.#busy = true;
    this.#forwarder.flush();
    this.#listener.waiting(true);
    const proceed = (): void => {
      this.#busy = false;
      this.#listener.waiting(false);
      this.#drain();
    };
    later.then(proceed, (fault: unknown) => {
      if (fault instanceof ProtocolError) this.#listener.violated(fault);
      else this.#listener.failed(fault);
    });
  }

  #park(): void {
    this.#forwarder.flush();
    if (this.#parked) return;
    this.#parked = true;
    this.#pacer.flush();
    this.#listener.waiting(true);
  }

  /** The message has to wait for replies: see Pacer, and namesUncertain. */
  #mustWait(type: number): boolean {
    if (type === FRONTEND.terminate) return false;
    if (!this.#session.settled() || this.#session.pipeline.crowded) return true;
    if (this.#session.pipeline.size === 0) this.#session.prepared.answered();
    const body = () => this.#scanner.body();
    if (this.#pacer.mustWait(type, () => mayOvertake(this.#session, type, body()))) return true;
    return namesUncertain(this.#session.prepared, type, body);
  }

  #handle(type: number): Later {
    if (this.#copy.violatedBy(type)) throw new ProtocolError(`unexpected message during COPY from stdin`);
    if (this.#deferred !== null) return this.#settle(this.#deferred, type);
    switch (type) {
      case FRONTEND.sync: // without a body, as the frame scanner has checked; so for flush and terminate
        return this.#sync();
      case FRONTEND.flush:
        return this.#forward();
      case FRONTEND.terminate:
        this.#closed = true;
        return this.#listener.terminated();
      case FRONTEND.copyFail:
        decode.decodeCopyFail(this.#scanner.body());
        return this.#copy.accepts(type) ? this.#forward() : undefined;
      case FRONTEND.copyData:
      case FRONTEND.copyDone:
        // Outside of a copy these are ignored, by PostgreSQL too: a client may not know yet that its COPY was refused.
        return this.#copy.accepts(type) ? this.#forward() : undefined;
      case FRONTEND.password:
        throw new ProtocolError('password message outside of authentication');
    }
    if (this.#skips) return undefined; // as the upstream does until Sync
    switch (type) {
      case FRONTEND.query:
        return this.#query();
      case FRONTEND.parse:
        return this.#parse();
      case FRONTEND.bind:
        return this.#bind();
      case FRONTEND.describe:
        return this.#describe();
      case FRONTEND.execute:
        return this.#execute();
      case FRONTEND.close:
        return this.#close();
      case FRONTEND.functionCall:
        this.#session.recorder.refused('function-call', FUNCTION_CALL, errors.functionCall);
        return this.#refusals.poison('query', errors.functionCall);
      default:
        throw new ProtocolError(`unexpected message type 0x${type.toString(16)}`);
    }
  }

  #sync(): void {
    const { pipeline, prepared } = this.#session;
    pipeline.push(entry('sync', { segment: prepared.segmentEnded() }));
    this.#pacer.synced();
    this.#forward();
  }

  #query(): Later {
    const text = this.#text('query', () => decode.decodeQuery(this.#scanner.body()));
    if (text === null) return undefined;
    const attempt = this.#examiner.toRun(text);
    return this.#clearance.clear(attempt, (admitted) => {
      const run = (verdict: Verdict) => this.#runQuery(text, verdict, attempt.subject.approval);
      if (!this.#pacer.needsPacing(admitted)) return run(admitted);
      return this.#clearance.unlessSkipped(this.#idle(), () => this.#clearance.examined(attempt, run));
    });
  }

  /** Resolves when all that was sent has been answered. */
  #idle(): Promise<void> {
    this.#forwarder.flush();
    return this.#pacer.idle();
  }

  #runQuery(text: string, verdict: Verdict, approval: Approval | null): Later {
    const { prepared, recorder, guard, pipeline } = this.#session;
    prepared.dropUnnamed();
    const { counters, undo: undoCursors } = applyCursors(prepared, verdict, { rows: 0 });
    const run = recorder.run(
      'query',
      verdict,
      counters,
      approval === null ? undefined : { hold: approval.hold },
    );
    guard.forwarded(verdict);
    const undo = both(undoCursors, applyNames(prepared, verdict));
    if (this.#pacer.needsPacing(verdict)) {
      return this.#pacer.run(text, run).then(() => {
        if (run.sqlstate !== null) undo?.();
      });
    }
    pipeline.push(entry('query', { run, undo, segment: prepared.segmentEnded() }));
    this.#pacer.ran(run, true);
    this.#forward();
  }

  #parse(): Later {
    const message = this.#text('parse', () => decode.decodeParse(this.#scanner.body()));
    if (message === null) return undefined;
    return this.#clearance.unlessSkipped(this.#examiner.examine(message.text, 'later'), (verdict) => {
      if (message.name === '') this.#session.prepared.closeStatement('');
      if (verdict.error === null) {
        if (this.#prepare(message, verdict) !== null) this.#forward();
      } else if (verdict.effect === 'hold') {
        this.#deferred = new DeferredParse(message, verdict, this.#frame());
      } else {
        this.#refusals.refuse('parse', verdict, verdict.error);
      }
    });
  }

  /** The statement that is to have this name; null: it is refused for something else than its text. */
  #prepare(message: decode.ParseMessage, verdict: Verdict, approval?: Approval): PreparedStatement | null {
    const { prepared, pipeline, recorder, guard } = this.#session;
    const { name, text, parameterTypes: types } = message;
    const lacking = guard.checkTypes(types);
    const fault = lacking?.observed === false ? lacking.error : this.#clearance.unavailable();
    if (fault !== null) {
      this.#refusals.refuse('parse', verdict, fault);
      return null;
    }
    const noted = lacking === null ? verdict : { observed: lacking.error, ...verdict };
    const recorded = recorder.parsed(noted, approval?.hold);
    const statement: PreparedStatement = { text, types, verdict, recorded };
    pipeline.push(entry('parse', { undo: prepared.prepare(name, statement) }));
    return statement;
  }

  /** What came behind a Parse that needs a reviewer tells what it is for: a Bind has the values that they have to see. */
  #settle(deferred: DeferredParse, type: number): Later {
    if (type === FRONTEND.terminate || this.#skips) {
      this.#deferred = null;
      return this.#handle(type);
    }
    if (type === FRONTEND.describe && deferred.takesDescribe(this.#frame())) return undefined;
    this.#deferred = null;
    const { message } = deferred;
    const values = type === FRONTEND.bind ? deferred.valuesIn(this.#scanner.body()) : null;
    const attempt = this.#examiner.toPrepare(message.text, values);
    let bound: Approval | null = null;
    const prepared = this.#clearance.examined(attempt, (verdict) => {
      const { approval } = attempt.subject;
      const statement = this.#prepare(message, verdict, approval ?? undefined);
      if (statement === null) return;
      for (const frame of deferred.frames) this.#forwarder.send(frame);
      if (deferred.frames.length > 1) this.#session.pipeline.push(DESCRIBE);
      if (approval === null) return;
      statement.verdict = deferred.verdict; // the approval is not the statement's, but of one execution
      if (values === null) statement.approved = earlyApproval(approval);
      else if (this.#session.prepared.statement(message.name) === statement) bound = approval;
    });
    const proceed = () => {
      if (this.#closed) return undefined;
      return bound === null ? this.#handle(type) : this.#bind(bound);
    };
    return prepared instanceof Promise ? prepared.then(proceed) : proceed();
  }

  /** `approval`: a reviewer has seen this very message. */
  #bind(approval: Approval | null = null): Later {
    const { prepared, pipeline } = this.#session;
    const body = this.#scanner.body();
    const message = decode.decodeBind(body);
    const statement = prepared.statement(message.statement);
    if (statement === undefined) return this.#refusals.poison('bind', errors.noStatement(message.statement));
    if (prepared.full) return this.#refusals.poison('bind', errors.tooManyNames);
    const portal: Portal = {
      statement,
      parameters: parameterTexts(body, message, statement),
      bound: decidingValues(body, message, statement),
      counter: { rows: 0 },
      approval: approval ?? takeApproval(statement, message.parameterCount),
    };
    return this.#clearance.examined(this.#examiner.toBind(portal), () => {
      pipeline.push(entry('bind', { undo: prepared.bind(message.portal, portal) }));
      this.#forward();
    });
  }

  /** A named portal may be one that SQL's DECLARE has made: the upstream knows, and tells no more than its columns. */
  #describe(): void {
    const { target, name } = decode.decodeDescribe(this.#scanner.body());
    const { prepared, pipeline } = this.#session;
    if (target === 'S' && prepared.statement(name) === undefined) {
      return this.#refusals.poison('describe', errors.noStatement(name));
    }
    if (target === 'P' && name === '' && prepared.portal('') === undefined) {
      return this.#refusals.poison('describe', errors.noPortal(''));
    }
    pipeline.push(DESCRIBE);
    this.#forward();
  }

  #close(): void {
    const { target, name } = decode.decodeClose(this.#scanner.body());
    const { prepared, pipeline } = this.#session;
    const undo = target === 'S' ? prepared.closeStatement(name) : prepared.closePortal(name);
    pipeline.push(entry('close', { undo }));
    this.#forward();
  }

  #execute(): Later {
    const { portal: name } = decode.decodeExecute(this.#scanner.body());
    const portal = this.#session.prepared.portal(name);
    if (portal === undefined) return this.#refusals.poison('execute', errors.noPortal(name));
    return this.#clearance.clear(this.#examiner.toExecute(portal), (verdict) => {
      const { recorder, guard, pipeline, prepared } = this.#session;
      const { counters, undo } = applyCursors(prepared, verdict, portal.counter);
      const { parameters, statement, approval } = portal;
      const inFull = statement.recorded;
      const run = recorder.run('execute', verdict, counters, { parameters, inFull, hold: approval?.hold });
      statement.recorded ??= run.number;
      guard.forwarded(verdict);
      pipeline.push(entry('execute', { run, undo: both(undo, applyNames(prepared, verdict)) }));
      this.#pacer.ran(run, false);
      this.#forward();
    });
  }

  get #skips(): boolean {
    return this.#closed || this.#session.pipeline.skipping;
  }

  #text<T>(kind: 'query' | 'parse', read: () => T): T | null {
    return this.#refusals.text(kind, this.#scanner.end - this.#scanner.start, read);
  }

  /** A view of the message, for now. */
  #frame(): Buffer {
    return this.#scanner.buffer.subarray(this.#scanner.start, this.#scanner.end);
  }

  #forward(): void {
    const { buffer, start, end } = this.#scanner;
    this.#forwarder.forward(buffer, start, end);
  }
}

/** Messages handled before other sessions have their turn, and the trail is written. */
const MAX_A_TURN = 256;
