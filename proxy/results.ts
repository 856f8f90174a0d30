/**
 * From the upstream to the client: follows the replies through the pipeline, counts rows and bytes, cuts results,
 * puts denials in the place of poison's errors.
 */
import { type BackendHandler, BackendStream, type Disposition } from './backend-stream.ts';
import { drift, errorWithheld, upstreamLost, valueWithheld } from './errors.ts';
import { type Entry, entry } from './pipeline.ts';
import { POISON_EXECUTE, POISON_QUERY } from './poison.ts';
import { admitRow, countRows, cutError, rowsAdmitted, spentBy } from './result-budget.ts';
import type { CutBy, Run } from './run.ts';
import type { SessionState } from './session-state.ts';
import { commandTag, errorResponse, readErrorFields, readParameterStatus } from './wire/backend-messages.ts';
import { withoutDetail } from './wire/error-detail.ts';
import { movePosition } from './wire/error-position.ts';
import { BACKEND, HEADER_LENGTH } from './wire/message-types.ts';

/** Settings that decide how SQL is read: a change that the guardrails did not see ends the session (promise 1). */
const PINNED: Readonly<Record<string, string>> = {
  standard_conforming_strings: 'on',
  client_encoding: 'UTF8',
};

/** What a statement whose result was cut may still say, and the client must not hear. */
const AFTER_CUT: ReadonlySet<number> = new Set([
  BACKEND.rowDescription,
  BACKEND.copyIn,
  BACKEND.copyOut,
  BACKEND.copyDone,
  BACKEND.notice,
]);

export interface ResultsListener {
  /** Something was answered whole: the gate may go on. */
  answered(): void;
  /** A lease is being taken: stop, or go on, reading from the upstream. */
  waiting(waits: boolean): void;
}

export class Results implements BackendHandler {
  readonly #session: SessionState;
  readonly #listener: ResultsListener;
  readonly #stream: BackendStream;
  /** The upstream finished a statement whose result was cut: what it did must be undone by an error of ours. */
  #abortOwed = false;
  #cancels = 0;
  #fatal: string | null = null;
  /** A lease was refused, so the frame that is offered again will be cut. */
  #leaseRefused = false;

  constructor(session: SessionState, listener: ResultsListener) {
    this.#session = session;
    this.#listener = listener;
    this.#stream = new BackendStream(this, session.limits.maxMessageBytes);
  }

  /** The upstream's own reason for closing the connection, if it gave one. */
  get fatal(): string | null {
    return this.#fatal;
  }

  /** Nothing of a cut result is unsettled: what is forwarded now can't be hit by its cancel or its rollback. */
  get settled(): boolean {
    return this.#cancels === 0 && !this.#abortOwed;
  }

  get atBoundary(): boolean {
    return this.#stream.atBoundary;
  }

  get keepsNothing(): boolean {
    return this.#stream.keepsNothing;
  }

  receive(chunk: Buffer): void {
    this.#stream.receive(chunk);
  }

  emit(bytes: Buffer): void {
    this.#session.toClient(bytes);
  }

  get rowsFree(): number {
    const run = this.#session.pipeline.head?.run;
    if (run === null || run === undefined || run.cut !== null) return 0;
    return rowsAdmitted(run, this.#session.admission.budget);
  }

  get bytesFree(): number {
    return this.#session.admission.budget.bytes;
  }

  passed(rows: number, bytes: number): void {
    countRows(this.#session.pipeline.head!.run!, this.#session.admission.budget, rows, bytes);
  }

  row(bytes: number): Disposition {
    const run = this.#session.pipeline.head?.run;
    if (run === null || run === undefined) throw new RangeError('upstream sent a row nobody asked for');
    if (run.cut !== null) return 'drop';
    const { budget } = this.#session.admission;
    const admitted = admitRow(run, budget, bytes);
    if (admitted === 'forward') return 'forward';
    if (admitted !== 'lease') return this.#cut(run, admitted);
    if (this.#leaseRefused) return this.#cut(run, spentBy(budget));
    return this.#lease(1, bytes);
  }

  message(type: number, buffer: Buffer, start: number, end: number): Disposition {
    const { pipeline } = this.#session;
    if (pipeline.head?.run?.cut && AFTER_CUT.has(type)) return 'drop';
    switch (type) {
      case BACKEND.parseComplete:
      case BACKEND.bindComplete:
      case BACKEND.closeComplete:
      case BACKEND.noData: {
        const hidden = pipeline.shift()?.hidden === true;
        this.#undoCut();
        this.#listener.answered();
        return hidden ? 'drop' : 'forward';
      }
      case BACKEND.parameterDescription:
        return isSkipped(pipeline.head) ? 'drop' : 'forward';
      case BACKEND.rowDescription: {
        const described = pipeline.head?.kind === 'describe' ? pipeline.shift() : undefined;
        this.#undoCut();
        return isSkipped(described) ? 'drop' : 'forward';
      }
      case BACKEND.commandComplete:
        return this.#completed(commandTag(buffer, start, end));
      case BACKEND.emptyQuery:
        return this.#completed('');
      case BACKEND.portalSuspended:
        return this.#completed('SUSPENDED');
      case BACKEND.error:
        return this.#failed(buffer.subarray(start, end));
      case BACKEND.readyForQuery:
        return this.#ready(String.fromCharCode(buffer[start]!) as 'I' | 'T' | 'E');
      case BACKEND.copyIn:
        pipeline.copyInStarted();
        return 'forward';
      case BACKEND.copyOut:
      case BACKEND.copyDone:
        return 'forward';
      case BACKEND.notice:
      case BACKEND.notification:
        return this.#aside(HEADER_LENGTH + end - start);
      case BACKEND.parameterStatus:
        return this.#parameterStatus(buffer.subarray(start, end));
      default:
        throw new RangeError(`upstream sent an unexpected message 0x${type.toString(16)}`);
    }
  }

  /** Notices, notifications and settings can carry data too: their bytes count. */
  #aside(bytes: number): Disposition {
    const { budget } = this.#session.admission;
    const run = this.#session.pipeline.head?.run;
    if (budget.bytes >= bytes) {
      budget.bytes -= bytes;
      if (run) run.bytes += bytes;
      return 'forward';
    }
    if (!this.#leaseRefused) return this.#lease(0, bytes);
    return run ? this.#cut(run, 'bytes') : 'drop';
  }

  #lease(rows: number, bytes: number): 'stop' {
    this.#listener.waiting(true);
    const resume = (granted: boolean): void => {
      this.#leaseRefused = !granted;
      this.#listener.waiting(false);
      try {
        this.#stream.resume();
      } catch {
        this.#session.end('upstream', upstreamLost);
      }
    };
    this.#session.admission.budget.replenish({ rows, bytes }).then(resume, () => resume(false));
    return 'stop';
  }

  /** The error stands where the first withheld message would have been. */
  #cut(run: Run, by: CutBy): Buffer {
    const { admission, recorder, pipeline } = this.#session;
    run.cut = by;
    const error = cutError(by, admission.budget, recorder.ref.grant);
    run.sqlstate = error.sqlstate;
    const { head } = pipeline;
    if (head?.kind === 'execute' && head.part === null) pipeline.headCut(by);
    // A cancel could hit a later, innocent statement if one is under way behind the next ReadyForQuery.
    if (!pipeline.some((item) => item.run !== null && item.run.cut === null)) this.#cancel();
    return errorResponse('ERROR', error);
  }

  #cancel(): void {
    this.#cancels++;
    const done = (): void => {
      this.#cancels--;
      this.#listener.answered();
    };
    this.#session.cancelUpstream().then(done, done);
  }

  #completed(tag: string): Disposition {
    const { pipeline } = this.#session;
    const head = pipeline.head;
    const run = head?.run ?? null;
    if (run !== null) run.tag = tag;
    const cut = run?.cut ?? null;
    if (head?.kind === 'execute') {
      pipeline.shift();
      this.#over(head, false);
      if (cut !== null) this.#abortOwed = true;
      this.#undoCut();
      this.#listener.answered();
    } else if (cut !== null) {
      this.#abortOwed = true;
    }
    return cut === null ? 'forward' : 'drop';
  }

  /**
   * The client was told an error, the upstream saw none: make one, so that its transaction state is the same. If the Sync
   * of a cut Execute is under way, that is decided at ReadyForQuery.
   */
  #undoCut(): void {
    const { pipeline } = this.#session;
    if (!this.#abortOwed || pipeline.size > 0) return;
    pipeline.push(entry('execute', { hidden: true }));
    this.#session.toUpstream(POISON_EXECUTE);
  }

  #failed(body: Buffer): Disposition {
    const { pipeline } = this.#session;
    const head = pipeline.head;
    const fields = readErrorFields(body);
    const told =
      head !== undefined && !isSilent(head) && head.refused === null && fields.get('V') === 'ERROR';
    const bytes = HEADER_LENGTH + body.length;
    if (told && this.#session.admission.budget.bytes < bytes && !this.#leaseRefused)
      return this.#lease(0, bytes);
    if (fields.get('V') !== 'ERROR') this.#fatal = fields.get('M') ?? 'unknown';
    if (head === undefined) return 'forward'; // on its own account, such as a shutdown
    const run = head.run;
    if (run !== null && run.cut === null) run.sqlstate = fields.get('C') ?? 'XX000';
    this.#abortOwed = false;
    for (const item of [...pipeline.fail()].reverse()) this.#over(item, true);
    this.#listener.answered();
    if (isSilent(head)) return 'drop';
    if (head.refused !== null) return errorResponse('ERROR', head.refused);
    if (told && !this.#spendBytes(bytes)) return withheld(fields);
    const code = fields.get('C') ?? '';
    if (run?.verdict.effects.concealsValues && showsValue(code))
      return errorResponse('ERROR', valueWithheld(code));
    const concealed = run?.verdict.effects.concealsRows === true && showsRow(code);
    if (head.part === null && !concealed) return 'forward';
    return movePosition(concealed ? withoutDetail(body) : body, head.part?.offset ?? 0);
  }

  /** Errors can carry data (`invalid input syntax for type integer: "..."`), so they need budget like rows. */
  #spendBytes(bytes: number): boolean {
    const { budget } = this.#session.admission;
    if (budget.bytes < bytes) return false;
    budget.bytes -= bytes;
    return true;
  }

  #ready(status: 'I' | 'T' | 'E'): Disposition {
    const { pipeline, prepared, admission, guard } = this.#session;
    if (this.#abortOwed) {
      this.#abortOwed = false;
      if (status === 'T') {
        const segment = this.#shiftReady();
        pipeline.push(entry('query', { hidden: true, segment }));
        this.#session.toUpstream(POISON_QUERY);
        return 'drop';
      }
    }
    const segment = this.#shiftReady();
    this.#session.transactionStatus = status;
    this.#leaseRefused = false;
    if (status === 'I') {
      prepared.transactionEnded(segment);
      guard.transactionEnded();
    }
    if (pipeline.size === 0) admission.budget.idle();
    this.#listener.answered();
    return 'forward';
  }

  /** ReadyForQuery answers a Query or a Sync; returns the segment which that ended. */
  #shiftReady(): number {
    const { head } = this.#session.pipeline;
    if (head?.kind !== 'query' && head?.kind !== 'sync') {
      throw new RangeError(`upstream is ready before it has answered ${head?.kind ?? 'anything'}`);
    }
    this.#session.pipeline.shift();
    this.#over(head, head.run !== null && head.run.sqlstate !== null);
    return head.segment;
  }

  /** An entry has been answered, or never will be. */
  #over(item: Entry, failed: boolean): void {
    if (failed) item.undo?.();
    const { run } = item;
    if (run === null || run.over || (item.part !== null && !failed)) return;
    run.over = true;
    this.#session.guard.completed(run.verdict, failed, run.sqlstate);
    this.#session.recorder.ran(run);
  }

  #parameterStatus(body: Buffer): Disposition {
    const { name, value } = readParameterStatus(body);
    const pinned = PINNED[name];
    if (pinned !== undefined && pinned !== value) this.#session.end('drift', drift(name));
    return this.#aside(HEADER_LENGTH + body.length);
  }
}

/** The client never sent it, or it is behind a cut result of its segment. */
const isSkipped = (item: Entry | undefined): boolean => item?.hidden === true && item.part === null;

/** The client hears no error about it: it never sent it, or has been told that its result was cut. */
function isSilent(item: Entry): boolean {
  return isSkipped(item) || (item.run !== null && item.run.cut !== null);
}

/** Integrity constraint violations, and rows that do not fit a view: "Failing row contains (...)". */
const showsRow = (sqlstate: string): boolean => /^(23|44)/.test(sqlstate);

/** Data exceptions: "invalid input syntax for type integer: ...". */
const showsValue = (sqlstate: string): boolean => sqlstate.startsWith('22');

/** Of an error past the byte budget: that there was one, and of which kind. */
function withheld(fields: ReadonlyMap<string, string>): Buffer {
  return errorResponse('ERROR', errorWithheld(fields.get('C') ?? 'XX000'));
}
