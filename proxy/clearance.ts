/**
 * What must hold for a message that runs something to be forwarded: the guard's verdict, a reviewer's approval where the
 * statement is held, the risk model's consent, the budget. Each may have to be waited for. INVARIANT: after each wait it is
 * examined again, since its meaning may have changed.
 */
import type { ErrorFields, Verdict } from '../guardrails/types.ts';
import type { Attempt } from './attempt.ts';
import * as errors from './errors.ts';
import { approvalOutdated } from './holds/hold-errors.ts';
import { type HoldQuestion, scopeQuestion } from './holds/hold-question.ts';
import { WaitingStatement } from './holds/waiting-statement.ts';
import type { SessionState } from './session-state.ts';

export type Later = void | Promise<void>;
export type Run = (verdict: Verdict) => Later;

export interface ClearanceListener {
  /** What comes now is not looked at: the upstream skips it too, or the session is over. */
  skips(): boolean;
  /** Resolves when all that was sent has been answered. */
  idle(): Promise<void>;
  refuse(via: Attempt['via'], verdict: Verdict, error: ErrorFields): void;
}

export class Clearance {
  readonly #session: SessionState;
  readonly #listener: ClearanceListener;
  readonly #waiting: WaitingStatement;

  constructor(session: SessionState, listener: ClearanceListener) {
    this.#session = session;
    this.#listener = listener;
    this.#waiting = new WaitingStatement(session);
  }

  /** Withdraws what waits for a reviewer. False: nothing does. */
  withdraw(): boolean {
    return this.#waiting.withdraw();
  }

  /** Runs it with all that must hold for an execution. */
  clear(attempt: Attempt, run: Run): Later {
    return this.examined(attempt, (verdict) => this.#admit(attempt, verdict, run));
  }

  /** Goes on with an allowed verdict: the guard's, or, once a reviewer has approved it, the one with their lines. */
  examined(attempt: Attempt, next: Run): Later {
    return this.unlessSkipped(attempt.examine(), (verdict) => {
      if (verdict.error === null) return next(verdict);
      if (attempt.subject.approval !== null)
        return this.#listener.refuse(attempt.via, verdict, approvalOutdated(verdict.error));
      const question = scopeQuestion(verdict, this.#session.guard.missing(verdict));
      if (question === null) return this.#listener.refuse(attempt.via, verdict, verdict.error);
      return this.#hold(attempt, verdict, question, () => this.examined(attempt, next));
    });
  }

  /** INVARIANT: what the upstream skips is not queued; an error, or the end, may have come while we waited. */
  unlessSkipped<T>(value: T | Promise<T>, next: (value: T) => Later): Later {
    if (!(value instanceof Promise)) return next(value);
    return value.then((settled) => {
      if (!this.#listener.skips()) return next(settled);
      this.#session.recorder.scored(null);
    });
  }

  unavailable(): ErrorFields | null {
    const { recorder, prepared, admission } = this.#session;
    if (!admission.live()) return errors.grantOver(recorder.ref.grant);
    if (!recorder.writable) return errors.trailUnavailable;
    return prepared.full ? errors.tooManyNames : null;
  }

  #hold(attempt: Attempt, verdict: Verdict, question: HoldQuestion, next: () => Later): Later {
    const fault = this.unavailable();
    if (fault !== null) return this.#listener.refuse(attempt.via, verdict, fault);
    const { subject, parameters, executed } = attempt;
    return this.unlessSkipped(this.#listener.idle(), () => {
      const answer = this.#waiting.ask(question, { verdict, parameters, prepared: executed() });
      return this.unlessSkipped(answer, (answered) => {
        if ('sqlstate' in answered) return this.#listener.refuse(attempt.via, verdict, answered);
        subject.approval = answered;
        return next();
      });
    });
  }

  #admit(attempt: Attempt, verdict: Verdict, run: Run): Later {
    const fault = this.unavailable();
    if (fault !== null) return this.#listener.refuse(attempt.via, verdict, fault);
    const considered = this.#session.risk.consider(verdict, this.#session.recorder.sums);
    const announce = (current: Verdict) => this.#announce(attempt, current, run);
    if (considered === null) return announce(verdict);
    return this.unlessSkipped(considered, (refusal) => {
      const { subject } = attempt;
      this.#session.recorder.scored(this.#session.risk.scores);
      if (refusal === null || (subject.approval !== null && !refusal.ends))
        return this.examined(attempt, announce);
      const { error, reasons, ends } = refusal;
      if (!ends) {
        const question: HoldQuestion = { cause: 'risk', error, lines: [], reasons };
        return this.#hold(attempt, verdict, question, () => this.examined(attempt, announce));
      }
      this.#listener.refuse(attempt.via, verdict, error);
      this.#session.end('risk', error);
    });
  }

  #announce(attempt: Attempt, verdict: Verdict, run: Run): Later {
    const announced = this.#session.guard.announce(verdict);
    const spend = (current: Verdict) => this.#spend(attempt, current, run);
    if (announced === null) return spend(verdict);
    return this.unlessSkipped(announced, () => this.examined(attempt, spend));
  }

  #spend(attempt: Attempt, verdict: Verdict, run: Run): Later {
    const spent = this.#session.admission.budget.spendStatements(verdict.statements.length);
    return this.unlessSkipped(spent, (granted) => {
      if (granted) return spent === true ? run(verdict) : this.examined(attempt, run);
      const { grant } = this.#session.recorder.ref;
      return this.#listener.refuse(attempt.via, verdict, errors.statementLimit(grant));
    });
  }
}
