/**
 * Makes budgets exact. A cut result is an ERROR to the client, so whatever would have been rolled back or skipped by
 * an error must not happen. But a result is only known to be too large when its rows come, and by then the upstream may
 * have gone on. So while a limited result is under way, what must not overtake it waits:
 *
 * - a Sync, if it would commit what the same implicit transaction wrote;
 * - any other message of the same segment that is more than reading, or follows a write that its Sync would commit; in a
 *   transaction block any message after the Sync, too;
 * - in a simple Query which writes and returns rows, or controls transactions, each following statement: such a text is
 *   sent one statement at a time in the extended protocol, which has the same implicit transaction.
 *
 * Sessions without budgets, and statements without rows, never wait.
 */
import type { Verdict } from '../guardrails/types.ts';
import { entry } from './pipeline.ts';
import { FLUSH, SYNC_MESSAGE } from './poison.ts';
import type { Run } from './run.ts';
import { isLimited, type SessionState } from './session-state.ts';
import { FRONTEND } from './wire/message-types.ts';
import { unnamedExecution } from './wire/unnamed-execution.ts';

export class Pacer {
  readonly #session: SessionState;
  /** The limited result that is under way. */
  #run: Run | null = null;
  /** No Sync has been forwarded behind it, and it is no Query. */
  #sameSegment = false;
  #segmentWrites = false;
  #resolveIdle: (() => void) | null = null;

  constructor(session: SessionState) {
    this.#session = session;
  }

  /** A statement has been forwarded. */
  ran(run: Run, isQuery: boolean): void {
    const { returnsRows, writes, transactionControl } = run.verdict.effects;
    if (!isQuery && writes) this.#segmentWrites = true;
    if (!returnsRows || !isLimited(this.#session)) return;
    if (isQuery && this.#block(run) === 'none' && !transactionControl) return;
    this.#run = run;
    this.#sameSegment = !isQuery;
  }

  /** A Sync has been forwarded. */
  synced(): void {
    this.#segmentWrites = false;
    this.#sameSegment = false;
    if (this.#run !== null && this.#block(null) === 'none') this.#run = null;
  }

  /** `mayOvertake`: whether the message leaves nothing behind that a cut before it would have to undo. */
  mustWait(type: number, mayOvertake: () => boolean): boolean {
    if (this.#run === null) return false;
    if (this.#run.over) {
      this.#run = null;
      return false;
    }
    if (type === FRONTEND.flush) return false;
    if (!this.#sameSegment) return true; // an error of ours would come behind what it answers
    const commits = this.#segmentWrites && this.#block(null) !== 'open';
    return type === FRONTEND.sync || commits ? commits : !mayOvertake();
  }

  /** Somebody waits for replies: have the upstream send them. */
  flush(): void {
    this.#session.toUpstream(FLUSH);
  }

  needsPacing({ effects, statements }: Verdict): boolean {
    if (!effects.returnsRows || effects.copyIn || !isLimited(this.#session)) return false;
    if (effects.transactionControl) return statements.length > 1;
    return effects.writes && this.#block(null) !== 'open';
  }

  /** Resolves when all that was sent has been answered. */
  idle(): Promise<void> {
    if (this.#session.pipeline.size > 0) this.flush();
    return this.#idle();
  }

  /** Run the statements of a simple Query one by one, from idle; resolves when its Sync has been queued. */
  async run(text: string, run: Run): Promise<void> {
    const { pipeline, prepared } = this.#session;
    let [at, offset] = [0, 0];
    for (const { range = { start: 0, end: text.length } } of run.verdict.statements) {
      offset += characters(text.slice(at, range.start));
      at = range.start;
      const fields = { run, part: { offset } };
      for (const kind of ['parse', 'bind', 'describe'] as const) {
        pipeline.push(entry(kind, { ...fields, hidden: true }));
      }
      pipeline.push(entry('execute', fields));
      this.#session.toUpstream(unnamedExecution(text.slice(range.start, range.end)));
      this.#session.toUpstream(FLUSH);
      await this.#idle();
      if (run.cut !== null || run.sqlstate !== null) break;
    }
    pipeline.push(entry('sync', { run: run.over ? null : run, segment: prepared.segmentEnded() }));
    this.#session.toUpstream(SYNC_MESSAGE);
  }

  get waits(): boolean {
    return this.#resolveIdle !== null;
  }

  /** Something was answered. */
  answered(): void {
    if (this.#resolveIdle === null || this.#session.pipeline.size > 0 || !this.#session.settled()) return;
    this.#resolveIdle();
    this.#resolveIdle = null;
  }

  #idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolveIdle = resolve;
      this.answered();
    });
  }

  /** Is there a transaction block, as far as can be said while replies are outstanding? */
  #block(except: Run | null): 'none' | 'open' | 'unknown' {
    const { pipeline, transactionStatus } = this.#session;
    const controlled = pipeline.some(
      ({ run }) => run !== null && run !== except && run.verdict.effects.transactionControl,
    );
    if (controlled) return 'unknown';
    return transactionStatus === 'I' ? 'none' : 'open';
  }
}

/** As PostgreSQL counts them: code points. */
function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
