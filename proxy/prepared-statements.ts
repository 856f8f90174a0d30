/**
 * Prepared statements and portals by name. INVARIANT: a name leads to the statement object that the upstream has under
 * it, never to another text: a decision made for one text can't be moved to another by re-using a name.
 *
 * Changes are assumed when a message is forwarded and taken back if the upstream skips or fails it. Until it has
 * answered, what a name means beyond the next Sync is not certain: `uncertain` says so, and the gate waits.
 */
import type { Verdict } from '../guardrails/types.ts';
import type { Approvable, EarlyApproval } from './holds/approval.ts';
import type { RowCounter } from './run.ts';

export interface PreparedStatement {
  /** The text as it was parsed; kept to decide again when names or scope may have changed. */
  readonly text: string;
  /** Made by PREPARE of this name, which `text` then is, alone or among others. */
  readonly madeBySql?: string;
  /** OIDs of its parameters' types, where Parse specified them; 0: it did not. */
  readonly types?: readonly number[];
  verdict: Verdict;
  /** Where the trail has text and verdict in full: a number as in the audit events; null: nowhere yet. */
  recorded: number | null;
  /** For the next portal. */
  approved?: EarlyApproval | null;
}

export interface Portal extends Approvable {
  readonly statement: PreparedStatement;
  readonly parameters: readonly (string | null)[];
  /** Of the parameters that decide what the statement does, if there are any. */
  readonly bound?: ReadonlyMap<number, string> | undefined;
  readonly counter: RowCounter;
}

/** More than this in one session is a leak or an attack: names, and characters of the texts behind them. */
const MAX_NAMES = 20_000;
const MAX_TEXT = 64 * 1024 * 1024;

/** Stands for all statement names; no key of `S` or `P` and a name looks like it. */
const ALL = '*';

/** Stands for a segment, before all of them. */
const ANSWERED = -1;

type Undo = () => void;
const NOTHING: Undo = () => {};

/** Knows how long the texts in it are together. */
class StatementMap extends Map<string, PreparedStatement> {
  textLength = 0;

  override set(name: string, statement: PreparedStatement): this {
    this.textLength += statement.text.length - (this.get(name)?.text.length ?? 0);
    return super.set(name, statement);
  }

  override delete(name: string): boolean {
    this.textLength -= this.get(name)?.text.length ?? 0;
    return super.delete(name);
  }

  override clear(): void {
    this.textLength = 0;
    super.clear();
  }
}

export class PreparedStatements {
  readonly #statements = new StatementMap();
  readonly #portals = new Map<string, Portal>();
  readonly #cursors = new Map<string, RowCounter>();

  /** Names changed since the pipeline was last empty, with the segment (Sync to Sync) that changed them. */
  readonly #touched = new Map<string, number>();
  /** The same for what is unnamed, which most clients change with every statement. */
  readonly #unnamed = { S: ANSWERED, P: ANSWERED };
  #segment = 0;

  /** A Sync or Query was forwarded: an error before it does not skip what comes after. Returns the segment it ends. */
  segmentEnded(): number {
    return this.#segment++;
  }

  /** Everything forwarded has been answered: all names are certain. */
  answered(): void {
    if (this.#touched.size > 0) this.#touched.clear();
    this.#unnamed.S = ANSWERED;
    this.#unnamed.P = ANSWERED;
  }

  get anyUncertain(): boolean {
    return this.#touched.size > 0 || this.#earlier(this.#unnamed.S) || this.#earlier(this.#unnamed.P);
  }

  /** An unanswered earlier segment changed this name: whether it did is not known yet. */
  uncertain(space: 'S' | 'P', name: string): boolean {
    const all = space === 'S' ? this.#touched.get(ALL) : undefined;
    return this.#earlier(this.#changedIn(space, name) ?? all ?? ANSWERED);
  }

  get full(): boolean {
    const names = this.#statements.size + this.#portals.size + this.#cursors.size;
    return names > MAX_NAMES || this.#statements.textLength > MAX_TEXT;
  }

  statement(name: string): PreparedStatement | undefined {
    return this.#statements.get(name);
  }

  portal(name: string): Portal | undefined {
    return this.#portals.get(name);
  }

  /** Parse, or SQL PREPARE. A named statement that exists stays: the upstream refuses to replace it (42P05). */
  prepare(name: string, statement: PreparedStatement): Undo {
    this.#touch('S', name);
    const previous = this.#statements.get(name);
    if (name !== '' && previous !== undefined) return NOTHING;
    this.#statements.set(name, statement);
    return () => restore(this.#statements, name, statement, previous);
  }

  /** A named portal that an unanswered message has bound: whether it still exists when another is bound is not known yet. */
  rebinds(name: string): boolean {
    return name !== '' && this.#portals.has(name) && this.#touched.has(`P${name}`);
  }

  /**
   * Bind. A named portal that exists is replaced: CLOSE, COMMIT or ROLLBACK may have ended it, and if not, the upstream
   * refuses this one (42P03). Not for a name that it `rebinds`: taking both back in turn would go wrong.
   */
  bind(name: string, portal: Portal): Undo {
    const previous = this.#portals.get(name);
    this.#touch('P', name);
    this.#portals.set(name, portal);
    return () => restore(this.#portals, name, portal, previous);
  }

  /** Close(S), or DEALLOCATE; null: all. */
  closeStatement(name: string | null): Undo {
    if (name === null) {
      this.#touched.set(ALL, this.#segment);
      const all = [...this.#statements];
      this.#statements.clear();
      return () => {
        for (const [key, value] of all) if (!this.#statements.has(key)) this.#statements.set(key, value);
      };
    }
    this.#touch('S', name);
    return take(this.#statements, name);
  }

  closePortal(name: string): Undo {
    this.#touch('P', name);
    return take(this.#portals, name);
  }

  /** A text that changed names failed somewhere: whether it got that far is not known, so the names mean nothing. */
  forget(names: Iterable<string>): void {
    for (const name of names) this.#statements.delete(name);
  }

  /** A Query drops the unnamed statement and portal (manual, "Message Flow: Simple Query"). */
  dropUnnamed(): void {
    this.#statements.delete('');
    this.#portals.delete('');
  }

  /** ReadyForQuery 'I' after this segment: portals end with their transaction, but for those bound behind it. */
  transactionEnded(segment: number): void {
    for (const name of this.#portals.keys()) {
      if ((this.#changedIn('P', name) ?? ANSWERED) <= segment) this.#portals.delete(name);
    }
  }

  #touch(space: 'S' | 'P', name: string): void {
    if (name === '') this.#unnamed[space] = this.#segment;
    else this.#touched.set(space + name, this.#segment);
  }

  /** The segment that changed the name, if that has not been answered. */
  #changedIn(space: 'S' | 'P', name: string): number | undefined {
    if (name !== '') return this.#touched.get(space + name);
    return this.#unnamed[space] === ANSWERED ? undefined : this.#unnamed[space];
  }

  #earlier(segment: number): boolean {
    return segment !== ANSWERED && segment < this.#segment;
  }

  /** DECLARE: rows count anew. Should it fail, the cursor of that name is still the one before. */
  declareCursor(name: string): Undo {
    const previous = this.#cursors.get(name);
    const counter = { rows: 0 };
    this.#cursors.set(name, counter);
    return () => {
      counter.rows += previous?.rows ?? 0;
    };
  }

  /** What a FETCH counts for. FETCH knows portals too; what is neither counts from here on. */
  cursorCounters(name: string): readonly RowCounter[] {
    const cursor = this.#cursors.get(name);
    const portal = this.#portals.get(name)?.counter;
    if (portal !== undefined) return cursor === undefined ? [portal] : [portal, cursor];
    if (cursor !== undefined) return [cursor];
    this.declareCursor(name);
    return this.cursorCounters(name);
  }
}

function restore<T>(map: Map<string, T>, name: string, current: T, previous: T | undefined): void {
  if (map.get(name) !== current) return;
  if (previous === undefined) map.delete(name);
  else map.set(name, previous);
}

function take<T>(map: Map<string, T>, name: string): Undo {
  const previous = map.get(name);
  if (previous === undefined) return NOTHING;
  map.delete(name);
  return () => {
    if (!map.has(name)) map.set(name, previous);
  };
}
