import type { ErrorFields, Verdict } from '../../guardrails/types.ts';
import type { HeldStatement, Hold, HoldOutcome } from '../ports.ts';
import type { SessionState } from '../session-state.ts';
import type { Approval } from './approval.ts';
import { holdDenied, holdInTransaction, holdTooLong, holdUndecided } from './hold-errors.ts';
import { approvedNotice, heldNotice } from './hold-notices.ts';
import type { HoldQuestion } from './hold-question.ts';

/** Characters of SQL that a reviewer is shown: what is approved is what was shown. */
const LONGEST = 64 * 1024;

/** What waits, besides why. */
export interface WaitingParts {
  readonly verdict: Verdict;
  readonly prepared: readonly string[];
  readonly parameters: readonly (string | null)[] | null;
}

/** The statement of a session that waits for a reviewer: there is one at most, since nothing overtakes it. */
export class WaitingStatement {
  readonly #session: SessionState;
  #withdrawal: AbortController | null = null;

  constructor(session: SessionState) {
    this.#session = session;
  }

  /** Withdraws what waits. False: nothing does. */
  withdraw(): boolean {
    if (this.#withdrawal === null) return false;
    this.#withdrawal.abort();
    return true;
  }

  /** Asks a reviewer when all that was sent before has been answered; resolves with the error if it may not run. */
  async ask(question: HoldQuestion, parts: WaitingParts): Promise<Approval | ErrorFields> {
    const { holds, transactionStatus, pipeline } = this.#session;
    const { cause, error, lines, reasons } = question;
    const { verdict, prepared, parameters } = parts;
    if (transactionStatus === 'E') return error; // the block is aborted: it could not run
    const inTransaction = transactionStatus !== 'I' || pipeline.midSegment;
    const limit = holds.limit(inTransaction);
    if (limit === null) return holdInTransaction(error);
    const sql = verdict.redactedText;
    const length = prepared.reduce((sum, text) => sum + text.length, sql.length);
    if (length > LONGEST) return holdTooLong(error, length, LONGEST);
    const missing = lines.map(({ action, resource }) => `${action}:${resource}`);
    const held: HeldStatement = { cause, sql, prepared, parameters, missing, reasons, inTransaction };
    const { hold, outcome } = await this.#wait(held, error);
    switch (outcome.kind) {
      case 'approved':
        if (hold === null) throw new TypeError('approved before anybody was asked');
        this.#session.toClient(approvedNotice(hold.id, outcome.by, outcome.comment));
        return { hold: hold.id, lines };
      case 'denied':
        return holdDenied(error, outcome.by, outcome.reason);
      default:
        return holdUndecided(error, outcome.kind, limit);
    }
  }

  async #wait(
    held: HeldStatement,
    error: ErrorFields,
  ): Promise<{ readonly hold: Hold | null; readonly outcome: HoldOutcome }> {
    const { holds, recorder } = this.#session;
    const withdrawal = new AbortController();
    this.#withdrawal = withdrawal;
    this.#session.hear(true);
    const asked: { hold: Hold | null; at: number } = { hold: null, at: 0 };
    const answer = await holds.ask(
      held,
      (hold) => {
        Object.assign(asked, { hold, at: performance.now() });
        recorder.held(held, hold);
        this.#session.toClient(heldNotice(hold, error));
      },
      withdrawal.signal,
    );
    this.#session.hear(false);
    this.#withdrawal = null;
    const outcome: HoldOutcome = withdrawal.signal.aborted ? { kind: 'withdrawn' } : answer;
    const { hold, at } = asked;
    if (hold !== null) recorder.holdEnded(hold, outcome, performance.now() - at);
    return { hold, outcome };
  }
}
