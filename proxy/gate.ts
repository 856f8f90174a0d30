/**
 * From the client to the upstream: the enforcement point. A closed list of messages; each text is examined, each
 * refusal is put in place as poison, and what may pass is forwarded as the very bytes that came (promises 1 to 4).
 *
 * Handling is strictly one message at a time: a handler that has to wait returns a promise, and until it settles no
 * further message is looked at and the client is not read from.
 */
import { setImmediate } from 'node:timers/promises';
import type { ErrorFields, Verdict } from '../guardrails/types.ts';
import { CopyRelay } from './copy-relay.ts';
import { decidingValues } from './deciding-values.ts';
import * as errors from './errors.ts';
import { type Examine, Examiner } from './examiner.ts';
import { Forwarder } from './forwarder.ts';
import type { GateListener } from './gate-listener.ts';
import { namesUncertain } from './names-uncertain.ts';
import { Pacer } from './pacer.ts';
import { parameterTexts } from './parameter-texts.ts';
import { DESCRIBE, type EntryKind, entry } from './pipeline.ts';
import { POISON_EXECUTE, POISON_QUERY } from './poison.ts';
import type { Via } from './recorder.ts';
import type { SessionState } from './session-state.ts';
import { applyCursors, applyNames, both } from './statement-effects.ts';
import { FUNCTION_CALL, UNREADABLE } from './unexamined.ts';
import { frameLimit } from './wire/frame-limits.ts';
import { FrameScanner } from './wire/frame-scanner.ts';
import * as decode from './wire/frontend-messages.ts';
import { FRONTEND } from './wire/message-types.ts';
import { ProtocolError } from './wire/protocol-error.ts';

type Later = void | Promise<void>;
type Runs = 'query' | 'execute';
type Run = (verdict: Verdict) => Later;

export class Gate {
  readonly #session: SessionState;
  readonly #listener: GateListener;
  readonly #scanner: FrameScanner;
  readonly #examiner: Examiner;
  readonly #copy: CopyRelay;
  readonly #pacer: Pacer;
  readonly #forwarder: Forwarder;
  #busy = false;
  #parked = false;
  #closed = false;

  constructor(session: SessionState, listener: GateListener) {
    this.#session = session;
    this.#listener = listener;
    this.#scanner = new FrameScanner(frameLimit(session.limits.maxMessageBytes));
    this.#examiner = new Examiner(session);
    this.#copy = new CopyRelay(session.pipeline);
    this.#pacer = new Pacer(session);
    this.#forwarder = new Forwarder((bytes) => session.toUpstream(bytes));
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

  close(): void {
    this.#closed = true;
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
    return (
      this.#pacer.mustWait(type) || namesUncertain(this.#session.prepared, type, () => this.#scanner.body())
    );
  }

  #handle(type: number): Later {
    if (this.#copy.violatedBy(type)) throw new ProtocolError(`unexpected message during COPY from stdin`);
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
        return this.#poison('query', errors.functionCall);
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
    const text = this.#text(() => decode.decodeQuery(this.#scanner.body()), 'query');
    if (text === null) return undefined;
    const examine = () => this.#examiner.examineToRun(text);
    return this.#unlessRefused('query', examine, (verdict) =>
      this.#admit('query', verdict, examine, (admitted) => {
        if (!this.#pacer.needsPacing(admitted)) return this.#runQuery(text, admitted);
        this.#forwarder.flush();
        const run = () => this.#unlessRefused('query', examine, (last) => this.#runQuery(text, last));
        return this.#unlessSkipped(this.#pacer.idle(), run);
      }),
    );
  }

  #runQuery(text: string, verdict: Verdict): Later {
    const { prepared, recorder, guard, pipeline } = this.#session;
    prepared.dropUnnamed();
    const { counters, undo: undoCursors } = applyCursors(prepared, verdict, { rows: 0 });
    const run = recorder.run('query', verdict, counters);
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
    const message = this.#text(() => decode.decodeParse(this.#scanner.body()), 'parse');
    if (message === null) return undefined;
    return this.#unlessSkipped(this.#examiner.examine(message.text, 'later'), (verdict) => {
      const { prepared, pipeline, recorder, guard } = this.#session;
      if (message.name === '') prepared.closeStatement('');
      if (verdict.error !== null) return this.#refuse('parse', verdict, verdict.error, 'parse');
      const fault = guard.checkTypes(message.parameterTypes) ?? this.#unavailable();
      if (fault !== null) return this.#refuse('parse', verdict, fault, 'parse');
      const recorded = recorder.parsed(verdict);
      const undo = prepared.prepare(message.name, {
        text: message.text,
        types: message.parameterTypes,
        verdict,
        recorded,
      });
      pipeline.push(entry('parse', { undo }));
      this.#forward();
    });
  }

  #bind(): Later {
    const { prepared, pipeline } = this.#session;
    const body = this.#scanner.body();
    const message = decode.decodeBind(body);
    const statement = prepared.statement(message.statement);
    if (statement === undefined) return this.#poison('bind', errors.noStatement(message.statement));
    if (prepared.full) return this.#poison('bind', errors.tooManyNames);
    const portal = {
      statement,
      parameters: parameterTexts(body, message),
      bound: decidingValues(body, message, statement),
      counter: { rows: 0 },
    };
    return this.#unlessSkipped(this.#examiner.recheckToPlan(portal), (verdict) => {
      if (verdict.error !== null) return this.#refuse('bind', verdict, verdict.error, 'bind');
      const undo = prepared.bind(message.portal, portal);
      if (undo === null) return this.#poison('bind', errors.portalExists(message.portal));
      pipeline.push(entry('bind', { undo }));
      this.#forward();
    });
  }

  /** A named portal may be one that SQL's DECLARE has made: the upstream knows, and tells no more than its columns. */
  #describe(): void {
    const { target, name } = decode.decodeDescribe(this.#scanner.body());
    const { prepared, pipeline } = this.#session;
    if (target === 'S' && prepared.statement(name) === undefined) {
      return this.#poison('describe', errors.noStatement(name));
    }
    if (target === 'P' && name === '' && prepared.portal('') === undefined) {
      return this.#poison('describe', errors.noPortal(''));
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
    if (portal === undefined) return this.#poison('execute', errors.noPortal(name));
    const recheck = () => this.#examiner.recheck(portal);
    return this.#unlessRefused('execute', recheck, (checked) =>
      this.#admit('execute', checked, recheck, (verdict) => {
        const { recorder, guard, pipeline, prepared } = this.#session;
        const { counters, undo } = applyCursors(prepared, verdict, portal.counter);
        const { parameters, statement } = portal;
        const run = recorder.run('execute', verdict, counters, { parameters, inFull: statement.recorded });
        statement.recorded ??= run.number;
        guard.forwarded(verdict);
        pipeline.push(entry('execute', { run, undo: both(undo, applyNames(prepared, verdict)) }));
        this.#pacer.ran(run, false);
        this.#forward();
      }),
    );
  }

  get #skips(): boolean {
    return this.#closed || this.#session.pipeline.skipping;
  }

  /** INVARIANT: what the upstream skips is not queued; an error, or the end, may have come while we waited. */
  #unlessSkipped<T>(value: T | Promise<T>, next: (value: T) => Later): Later {
    if (!(value instanceof Promise)) return next(value);
    return value.then((settled) => (this.#skips ? undefined : next(settled)));
  }

  #unlessRefused(kind: Runs, examine: Examine, next: Run): Later {
    return this.#unlessSkipped(examine(), (verdict) =>
      verdict.error === null ? next(verdict) : this.#refuse(kind, verdict, verdict.error, kind),
    );
  }

  /** What else must hold for it to run. INVARIANT: after each wait it is examined again: its meaning may have changed. */
  #admit(kind: Runs, verdict: Verdict, again: Examine, run: Run): Later {
    const fault = this.#unavailable();
    if (fault !== null) return this.#refuse(kind, verdict, fault, kind);
    const considered = this.#session.risk.consider(verdict, this.#session.recorder.sums);
    const announce = (current: Verdict) => this.#announce(kind, current, again, run);
    if (considered === null) return announce(verdict);
    return this.#unlessSkipped(considered, (refusal) => {
      if (refusal === null) return this.#unlessRefused(kind, again, announce);
      this.#refuse(kind, verdict, refusal.error, kind);
      if (refusal.ends) this.#session.end('risk', refusal.error);
    });
  }

  #announce(kind: Runs, verdict: Verdict, again: Examine, run: Run): Later {
    const announced = this.#session.guard.announce(verdict);
    const spend = (current: Verdict) => this.#spend(kind, current, again, run);
    if (announced === null) return spend(verdict);
    return this.#unlessSkipped(announced, () => this.#unlessRefused(kind, again, spend));
  }

  #spend(kind: Runs, verdict: Verdict, again: Examine, run: Run): Later {
    const spent = this.#session.admission.budget.spendStatements(verdict.statements.length);
    return this.#unlessSkipped(spent, (granted) => {
      if (granted) return spent === true ? run(verdict) : this.#unlessRefused(kind, again, run);
      return this.#refuse(kind, verdict, errors.statementLimit(this.#session.recorder.ref.grant), kind);
    });
  }

  #unavailable(): ErrorFields | null {
    const { recorder, prepared, admission } = this.#session;
    if (!admission.live()) return errors.grantOver(recorder.ref.grant);
    if (!recorder.writable) return errors.trailUnavailable;
    return prepared.full ? errors.tooManyNames : null;
  }

  #refuse(via: Via, verdict: Verdict, error: ErrorFields, kind: EntryKind): void {
    this.#session.recorder.refused(via, verdict, error);
    this.#poison(kind, error);
  }

  #poison(kind: EntryKind, refused: ErrorFields): void {
    const { pipeline, prepared } = this.#session;
    if (kind === 'query') {
      prepared.dropUnnamed();
      pipeline.push(entry('query', { refused, segment: prepared.segmentEnded() }));
    } else {
      pipeline.push(entry(kind, { refused }));
    }
    this.#forwarder.send(kind === 'query' ? POISON_QUERY : POISON_EXECUTE);
  }

  /** Decode a message with SQL text. Text that can't be read as UTF-8, or is too long, is an ordinary error. */
  #text<T>(read: () => T, kind: 'query' | 'parse'): T | null {
    const bytes = this.#scanner.end - this.#scanner.start;
    const { maxStatementBytes } = this.#session.limits;
    if (bytes > maxStatementBytes) {
      this.#refuse(kind, UNREADABLE, errors.statementTooLong(bytes, maxStatementBytes), kind);
      return null;
    }
    try {
      return read();
    } catch (fault) {
      if (!(fault instanceof ProtocolError) || fault.sqlstate !== '22021') throw fault;
      this.#refuse(kind, UNREADABLE, errors.protocolViolation(fault.message, fault.sqlstate), kind);
      return null;
    }
  }

  #forward(): void {
    const { buffer, start, end } = this.#scanner;
    this.#forwarder.forward(buffer, start, end);
  }
}

/** Messages handled before other sessions have their turn, and the trail is written. */
const MAX_A_TURN = 256;
