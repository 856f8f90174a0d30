import type { ErrorFields, Verdict } from '../guardrails/types.ts';
import { fetchFromPortal } from './errors.ts';
import type { ParameterValues } from './ports.ts';
import type { Portal, PreparedStatement } from './prepared-statements.ts';
import type { SessionState } from './session-state.ts';

export type Examine = () => Verdict | Promise<Verdict>;

/** Asks the guard, now or, where its grounds have changed, again. */
export class Examiner {
  readonly #session: SessionState;

  constructor(session: SessionState) {
    this.#session = session;
  }

  /** The verdict on a text that runs at once. */
  examineToRun(text: string): Verdict | Promise<Verdict> {
    return then(this.examine(text), (verdict) => this.#fetching(verdict));
  }

  /** The verdict on a text of the client's. */
  examine(text: string, values?: ParameterValues): Verdict | Promise<Verdict> {
    const { guard, prepared, recorder } = this.#session;
    const since = performance.now();
    return then(
      guard.examine(text, (name) => prepared.statement(name)?.verdict, values),
      (verdict) => {
        recorder.decided(since);
        return verdict;
      },
    );
  }

  /**
   * INVARIANT (promise 3): the decision belongs to the statement object, and is made anew if its grounds changed; where
   * parameters decide, it belongs to the portal, which has their values.
   */
  recheck(portal: Portal): Verdict | Promise<Verdict> {
    return then(this.#recheck(portal), (verdict) => this.#fetching(verdict));
  }

  /** Bind makes the plan, which may run functions already: by then, too, names must mean what was decided. */
  recheckToPlan({ statement, bound }: Portal): Verdict | Promise<Verdict> {
    const { verdict, text } = statement;
    const anew = () => (bound === undefined ? this.#examineAgain(statement) : this.examine(text, 'later'));
    const current = this.#session.guard.isCurrent(verdict);
    return current === true ? verdict : then(current, (stands) => (stands ? verdict : anew()));
  }

  #recheck({ statement, bound }: Portal): Verdict | Promise<Verdict> {
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

const refused = (verdict: Verdict, error: ErrorFields): Verdict => ({ ...verdict, effect: 'deny', error });

const merelyReads = ({ effects }: Verdict): boolean => {
  const { writes, changesNames, changesCatalog, transactionControl, copyIn } = effects;
  const lists = [effects.prepares, effects.deallocates, effects.cursors];
  const acts = writes || changesNames || changesCatalog || transactionControl || copyIn;
  return !acts && lists.every(({ length }) => length === 0);
};

/** PREPARE itself does nothing: what counts is the verdict on what it prepares. */
function ofStatement({ madeBySql }: PreparedStatement, verdict: Verdict): Verdict {
  if (madeBySql === undefined || verdict.error !== null) return verdict;
  return verdict.effects.prepares.findLast(({ name }) => name === madeBySql)?.verdict ?? verdict;
}

function then<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
