import type { ErrorFields, Verdict } from '../guardrails/types.ts';
import type { Attempt } from './attempt.ts';
import { fetchFromPortal } from './errors.ts';
import type { Approvable, Approval } from './holds/approval.ts';
import { merelyReads } from './overtaking.ts';
import type { ParameterValues } from './ports.ts';
import type { Portal, PreparedStatement } from './prepared-statements.ts';
import type { SessionState } from './session-state.ts';

/** Asks the guard, now or, where its grounds have changed, again. */
export class Examiner {
  readonly #session: SessionState;
  /** Names of the prepared statements that the text examined last executes. */
  #executed: Set<string> | null = null;
  readonly #executedTexts = (): readonly string[] => {
    const { prepared } = this.#session;
    return [...(this.#executed ?? [])].flatMap(
      (name) => prepared.statement(name)?.verdict.redactedText ?? [],
    );
  };

  constructor(session: SessionState) {
    this.#session = session;
  }

  /** A text that runs at once. */
  toRun(text: string): Attempt {
    const subject: Approvable = { approval: null };
    const examine = () =>
      then(this.examine(text, undefined, subject.approval), (verdict) => this.#fetching(verdict));
    return { via: 'query', examine, subject, parameters: NONE, executed: this.#executedTexts };
  }

  /** `parameters`: those that it is prepared for; null: nobody knows yet. */
  toPrepare(text: string, parameters: Attempt['parameters']): Attempt {
    const subject: Approvable = { approval: null };
    const examine = () => this.examine(text, 'later', subject.approval);
    return { via: 'parse', examine, subject, parameters, executed: this.#executedTexts };
  }

  toBind(portal: Portal): Attempt {
    const { parameters } = portal;
    const examine = () => this.#recheckToPlan(portal);
    return { via: 'bind', examine, subject: portal, parameters, executed: this.#executedTexts };
  }

  toExecute(portal: Portal): Attempt {
    const { parameters } = portal;
    const examine = () => this.#recheckToRun(portal);
    return { via: 'execute', examine, subject: portal, parameters, executed: this.#executedTexts };
  }

  /** The verdict on a text of the client's; `approval`: a reviewer's, for it alone. */
  examine(text: string, values?: ParameterValues, approval?: Approval | null): Verdict | Promise<Verdict> {
    const { recorder } = this.#session;
    const since = performance.now();
    return then(this.#ask(text, values, approval ?? null), (verdict) => {
      recorder.decided(since);
      return verdict;
    });
  }

  #ask(
    text: string,
    values: ParameterValues | undefined,
    approval: Approval | null,
  ): Verdict | Promise<Verdict> {
    const { guard, prepared } = this.#session;
    this.#executed = null;
    const lookup = (name: string): Verdict | undefined => {
      this.#executed ??= new Set();
      this.#executed.add(name);
      return prepared.statement(name)?.verdict;
    };
    const lines = approval === null || approval.lines.length === 0 ? undefined : approval.lines;
    return guard.examine(text, lookup, values, lines);
  }

  /**
   * INVARIANT (promise 3): the decision belongs to the statement object, and is made anew if its grounds changed; where
   * parameters decide, it belongs to the portal, which has their values.
   */
  #recheckToRun(portal: Portal): Verdict | Promise<Verdict> {
    return then(this.#recheck(portal), (verdict) => this.#fetching(verdict));
  }

  /** Bind makes the plan, which may run functions already: by then, too, names must mean what was decided. */
  #recheckToPlan(portal: Portal): Verdict | Promise<Verdict> {
    const { statement, bound, approval } = portal;
    const { verdict, text } = statement;
    if (approval !== null) return this.#recheckApproved(portal, bound && 'later');
    const anew = () => (bound === undefined ? this.#examineAgain(statement) : this.examine(text, 'later'));
    const current = this.#session.guard.isCurrent(verdict);
    return current === true ? verdict : then(current, (stands) => (stands ? verdict : anew()));
  }

  #recheckApproved({ statement, approval }: Portal, values?: ParameterValues): Verdict | Promise<Verdict> {
    return then(this.examine(statement.text, values, approval), (verdict) => ofStatement(statement, verdict));
  }

  #recheck(portal: Portal): Verdict | Promise<Verdict> {
    const { statement, bound, approval } = portal;
    if (approval !== null) return this.#recheckApproved(portal, bound);
    if (bound !== undefined) return this.examine(statement.text, bound);
    const current = this.#session.guard.isCurrent(statement.verdict);
    if (current === true) return statement.verdict;
    return then(current, (stands) => (stands ? statement.verdict : this.#examineAgain(statement)));
  }

  #examineAgain(statement: PreparedStatement): Verdict | Promise<Verdict> {
    return then(this.examine(statement.text), (verdict) => {
      statement.verdict = ofStatement(statement, verdict);
      statement.recorded = null;
      return statement.verdict;
    });
  }

  /** INVARIANT: SQL's FETCH and MOVE run a portal as Execute does, so what it does counts too. */
  #fetching(verdict: Verdict): Verdict | Promise<Verdict> {
    if (verdict.error !== null || verdict.effects.cursors.length === 0) return verdict;
    const { prepared } = this.#session;
    const [name] = verdict.effects.cursors.flatMap(({ op, name: fetched }) =>
      op === 'fetch' && prepared.portal(fetched) !== undefined ? [fetched] : [],
    );
    if (name === undefined) return verdict;
    if (verdict.statements.length > 1) return refused(verdict, fetchFromPortal(name));
    return then(this.#recheck(prepared.portal(name)!), (run) => {
      if (run.error !== null) return refused(verdict, run.error);
      return merelyReads(run) ? verdict : refused(verdict, fetchFromPortal(name));
    });
  }
}

const NONE: readonly never[] = Object.freeze([]);

const refused = (verdict: Verdict, error: ErrorFields): Verdict => ({ ...verdict, effect: 'deny', error });

/** PREPARE itself does nothing: what counts is the verdict on what it prepares. */
function ofStatement({ madeBySql }: PreparedStatement, verdict: Verdict): Verdict {
  if (madeBySql === undefined || verdict.error !== null) return verdict;
  return verdict.effects.prepares.findLast(({ name }) => name === madeBySql)?.verdict ?? verdict;
}

function then<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
