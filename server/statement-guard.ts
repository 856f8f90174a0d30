/** The guard of one session: decides its texts, and follows what they do to the meaning of its names. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Advice } from '../guardrails/advice.ts';
import { ASSUMED_CATALOG } from '../guardrails/assumed-catalog.ts';
import { judgeParameterTypes } from '../guardrails/decide/parameter-types.ts';
import { settingDenial } from '../guardrails/decide/settings.ts';
import { type Decision, decide } from '../guardrails/decide.ts';
import type { Facts, StatementFacts } from '../guardrails/facts.ts';
import { liftConstants } from '../guardrails/lift-constants.ts';
import { addedNames, INITIAL_NAMES, type Names, settledNames } from '../guardrails/names.ts';
import type { GrantLine } from '../guardrails/needed-lines.ts';
import type { CompiledScope } from '../guardrails/scope.ts';
import { settingClass } from '../guardrails/settings.ts';
import type { ErrorFields, ScopeLine, Verdict } from '../guardrails/types.ts';
import type { ParameterValues, PreparedLookup, SessionGuard, TypesFault } from '../proxy/ports.ts';
import { CATALOG_IS_OLD, CATALOG_OUT_OF_REACH } from './catalog-faults.ts';
import type { CatalogSource } from './catalog-source.ts';
import type { ChangesUnderWay, SessionKey, SharedNames } from './changes-under-way.ts';
import { isOrdinary, type Judged, standsForAll, verdictOnText } from './common-verdict.ts';
import { initialPath, pathsOf } from './initial-path.ts';
import { type ReadFacts, redactionOf } from './read-facts.ts';
import type { VerdictSpace, VerdictSpaces } from './verdict-spaces.ts';

export interface StatementGuardParts {
  readonly scope: CompiledScope;
  readonly outOfScope: 'deny' | 'hold';
  /** Nothing is refused for being outside of the scope, only noted. */
  readonly observes: boolean;
  readonly advice: Advice;
  readonly scopeKey: string;
  /** null: the scope allows everything, so names need not be looked up. */
  readonly source: CatalogSource | null;
  readonly session: SessionKey;
  /** What the sessions of the database are changing, this one as well. */
  readonly changes: ChangesUnderWay;
  /**
   * To be called when the session is going to change the catalog; `null`: all can see it now. Resolves when the sessions
   * of other processes are decided by that.
   */
  readonly announce: (names: SharedNames | null) => Promise<void>;
  readonly spaces: VerdictSpaces;
  /** The facts of a text, from the cache, this thread or another. */
  readonly read: (sql: string) => ReadFacts | Promise<ReadFacts>;
  /** The facts of a text with the values of its parameters; null if that can't be had at once. */
  readonly readWith: (sql: string, values: ParameterValues) => Facts | null;
}

/** For changes that other sessions have under way, ms: as long as for the session's own. */
const OTHERS_PATIENCE = 5_000;
/** A change that a session has not waited for the answer to is taken to be under way for so long after its end, ms. */
const UNANSWERED = 30_000;

/** Texts that differ in constants alone may have a verdict in common: what is known of it is known of theirs. */
const baseOf = (verdict: Verdict): Verdict => verdict.common ?? verdict;
/** What verdicts rest on and lead to. A verdict without a space stands for one use. */
const decisions = new WeakMap<
  Verdict,
  { readonly decision: Decision; readonly space: VerdictSpace | null }
>();
/** Facts of the statements behind the verdicts in `effects.prepares`. */
const preparedFacts = new WeakMap<Verdict, StatementFacts>();

/** Columns that the one statement behind a verdict touches, as it names them: `relation.column`. */
export function columnsOf(verdict: Verdict): readonly string[] {
  const needs = preparedFacts.get(baseOf(verdict))?.needs ?? [];
  return needs.flatMap((need) =>
    need.kind === 'relation' ? need.columns.map((column) => `${need.name}.${column}`) : [],
  );
}

export class StatementGuard implements SessionGuard {
  readonly #parts: StatementGuardParts;
  readonly settings: ReadonlyMap<string, string>;
  #names: Names = INITIAL_NAMES;
  #space: VerdictSpace;
  /** The version of the changes under way that the space rests on. */
  #sawChanges = 0;
  readonly #observed: ErrorFields[] = [];
  /** How the session has changed the catalog, in a transaction that may still be open. */
  #changedCatalog: boolean | 'perhaps' = false;
  /** Texts under way that do. */
  #changing = 0;
  /** Resolves when names no longer rest on what the session has changed, or the catalog can't tell. */
  #settling: Promise<void> = Promise.resolve();

  constructor(parts: StatementGuardParts) {
    this.#parts = parts;
    this.settings =
      parts.source === null ? new Map() : new Map([['search_path', initialPath(this.#catalog())]]);
    for (const path of this.settings.values())
      this.#names = { ...INITIAL_NAMES, paths: pathsOf(path, this.#catalog()) };
    this.#space = this.#findSpace();
  }

  get observed(): readonly ErrorFields[] {
    return this.#observed;
  }

  examine(
    sql: string,
    prepared: PreparedLookup,
    values?: ParameterValues,
    lines?: readonly GrantLine[],
  ): Verdict | Promise<Verdict> {
    return this.#whenSettled(sql, prepared, () => this.#examineSettled(sql, prepared, values, lines));
  }

  missing(verdict: Verdict): readonly GrantLine[] {
    return decisions.get(baseOf(verdict))?.decision.needed?.lines ?? [];
  }

  #whenSettled(
    sql: string,
    prepared: PreparedLookup,
    examine: () => Verdict | Promise<Verdict>,
  ): Verdict | Promise<Verdict> {
    const { source } = this.#parts;
    if (source === null || source.settled) return examine();
    return source
      .settle()
      .then(
        examine,
        () => this.#decide(sql, { error: CATALOG_OUT_OF_REACH, statements: [] }, prepared).verdict,
      );
  }

  #examineSettled(
    sql: string,
    prepared: PreparedLookup,
    values: ParameterValues | undefined,
    lines: readonly GrantLine[] | undefined,
  ): Verdict | Promise<Verdict> {
    const known = this.#currentSpace().verdicts.get(sql);
    const shared = lines === undefined && !(values !== undefined && known?.effects.deciding);
    if (shared && known !== undefined) return known;
    const common = lines === undefined ? this.#examineCommon(sql) : null;
    if (common !== null) return common;
    const facts = this.#parts.read(sql);
    if (!(facts instanceof Promise)) return this.#examineWith(sql, facts, prepared, values, lines);
    return facts.then((read) =>
      this.#whenSettled(sql, prepared, () => this.#examineWith(sql, read, prepared, values, lines)),
    );
  }

  /** As all texts that differ from it in nothing but constants, if none of those matters; null: by itself. */
  #examineCommon(sql: string): Verdict | null {
    const text = isOrdinary(sql) ? liftConstants(sql) : null;
    const space = this.#currentSpace();
    const common = text === null ? undefined : space.common.get(text);
    if (text === null || common === undefined || typeof common === 'string') return null;
    const verdict = verdictOnText(common, text, sql);
    if (verdict.common === undefined) {
      decisions.set(verdict, decisions.get(common)!);
      preparedFacts.set(verdict, preparedFacts.get(common)!);
    }
    space.verdicts.set(sql, verdict); // one that comes again is the same verdict
    return verdict;
  }

  /** After two of them, another text like this one need not be parsed. */
  #keepCommon(sql: string, own: Judged, prepared: PreparedLookup, space: VerdictSpace): void {
    const text = isOrdinary(sql) ? liftConstants(sql) : null;
    if (text === null) return;
    if (space.common.get(text) === undefined) space.common.set(text, 'undecided');
    if (space.common.get(text) !== 'undecided') return;
    const facts = this.#parts.read(text);
    if (facts instanceof Promise) return;
    const common = this.#decide(text, facts, prepared);
    const stands = standsForAll({ facts, decision: common }, own);
    if (stands) this.#note(common, facts.statements[0], space);
    space.common.set(text, stands ? common.verdict : 'unfit');
  }

  /** With the values of parameters, where they decide, and lines beside the grant: for this one use. */
  #examineWith(
    sql: string,
    facts: ReadFacts,
    prepared: PreparedLookup,
    values: ParameterValues | undefined,
    lines: readonly GrantLine[] | undefined,
  ): Verdict | Promise<Verdict> {
    const [only, more] = facts.statements;
    const valued = values && only?.deciding && this.#parts.readWith(sql, values);
    if (!valued && lines === undefined) return this.#examineFacts(sql, facts, prepared);
    const scope = lines === undefined ? this.#parts.scope : this.#parts.scope.extended(lines.map(scopeLine));
    const decide = (names?: Names) => this.#decide(sql, valued || facts, prepared, names, scope);
    const once = (decision: Decision): Verdict =>
      this.#note(decision, more === undefined ? only : undefined, null); // SQL's EXECUTE brings other values
    const decision = decide();
    const look = this.#lookFor(decision, decide);
    return look === null ? once(decision) : look.then(once);
  }

  isCurrent(verdict: Verdict): boolean | Promise<boolean> {
    const { source } = this.#parts;
    if (source === null || source.settled) return this.#stands(verdict);
    return source.settle().then(
      () => this.#stands(verdict),
      () => false,
    );
  }

  #stands(verdict: Verdict): boolean {
    return decisions.get(baseOf(verdict))?.space === this.#currentSpace();
  }

  forwarded(verdict: Verdict): void {
    const changes = decisions.get(baseOf(verdict))?.decision.changes;
    if (changes !== undefined) this.#changeNames(changes);
    const { changesCatalog } = verdict.effects;
    if (!changesCatalog) return;
    this.#changing++;
    if (this.#changedCatalog !== true) this.#changedCatalog = changesCatalog;
    const { session, changes: underWay } = this.#parts;
    if (underWay.of(session) === undefined) void this.announce(verdict); // an earlier transaction has ended meanwhile
  }

  /** INVARIANT: it is known to be under way before it is. */
  announce(verdict: Verdict): Promise<void> | null {
    const { source, session, changes, announce } = this.#parts;
    const own = decisions.get(baseOf(verdict))?.decision.changes;
    if (source === null || own === undefined || !verdict.effects.changesCatalog) return null;
    if (!changes.begin(session, own)) return null;
    this.#changedCatalog = true;
    return announce(own);
  }

  completed(verdict: Verdict, _failed: boolean, sqlstate: string | null = null): void {
    if (sqlstate !== null && CATALOG_IS_OLD.has(sqlstate)) this.#parts.source?.changed();
    if (verdict.effects.changesCatalog) this.#changing--;
  }

  /** INVARIANT: what the session has made is remembered until a catalog that was read after its transaction is in use. */
  transactionEnded(): void {
    const { source } = this.#parts;
    if (source === null || this.#changing > 0 || !this.#changedCatalog) return;
    const certain = this.#changedCatalog === true;
    this.#changedCatalog = false;
    if (!certain) return source.changed();
    void this.#parts.announce(null);
    void source.outdate();
    this.#settling = source.whenSeen().then(() => {
      if (this.#changedCatalog) return;
      this.#setNames(settledNames(this.#names));
      this.#parts.changes.end(this.#parts.session);
    });
  }

  /** INVARIANT: what was sent may be done yet, though nobody hears of it: then its change is under way for a while. */
  closed(): void {
    if (this.#changing === 0) return this.transactionEnded();
    this.#changing = 0;
    setTimeout(() => this.transactionEnded(), UNANSWERED).unref();
  }

  connected(origin: string | null): Promise<void> {
    return this.#parts.source?.meet(origin) ?? Promise.resolve();
  }

  checkTypes(types: readonly number[]): TypesFault | null {
    const { scope, advice, observes } = this.#parts;
    const { names } = this.#currentSpace();
    const circumstances = { scope, catalog: this.#catalog(), names };
    const { error, opaque } = judgeParameterTypes(types, circumstances, advice);
    if (opaque || (error !== null && observes)) this.#changeNames({ paths: null, made: [] });
    return error === null ? null : { error, observed: observes };
  }

  checkSetting(name: string, value: string): ErrorFields | null {
    const { scope, advice, observes } = this.#parts;
    const denial = settingDenial(scope, name, value, advice);
    if (denial !== null && (denial.pinned || !observes)) return denial.error;
    if (denial !== null) this.#observed.push(denial.error);
    if (settingClass(name) === 'names') this.#startWith(value);
    return null;
  }

  #startWith(path: string): void {
    this.#names = { ...this.#names, paths: pathsOf(path, this.#catalog()) };
    this.#space = this.#findSpace();
  }

  #examineFacts(sql: string, facts: ReadFacts, prepared: PreparedLookup): Verdict | Promise<Verdict> {
    const decision = this.#decide(sql, facts, prepared);
    const look = this.#lookFor(decision, (names) => this.#decide(sql, facts, prepared, names));
    if (look === null) return this.#keep(sql, facts, decision, prepared);
    return look.then((later) => this.#keep(sql, facts, later, prepared));
  }

  /** Another decision, after a look at the catalog that may lead to one; null: there is none to wait for. */
  #lookFor({ unresolved, verdict }: Decision, again: (names?: Names) => Decision): Promise<Decision> | null {
    const { source, session, changes } = this.#parts;
    if (source === null || (!unresolved && verdict.effect === 'allow')) return null;
    const others = changes.byOthers(session);
    if (!unresolved && !source.behind && !others) return null;
    const look = unresolved ? source.fresh() : source.catchUp();
    const seen = look.then(() => (source.behind ? undefined : this.#settling));
    return seen.then(() => this.#outwait(again));
  }

  /** A decision that is no refusal for changes alone which other sessions have under way, unless those take long. */
  async #outwait(again: (names?: Names) => Decision): Promise<Decision> {
    const { session, changes } = this.#parts;
    const over = sleep(OTHERS_PATIENCE, 'over', { ref: false });
    for (;;) {
      const decision = again();
      if (decision.verdict.effect === 'allow' || !changes.byOthers(session)) return decision;
      if (again(this.#names).verdict.effect !== 'allow') return decision;
      if ((await Promise.race([changes.nextEnd(), over])) === 'over') return again();
    }
  }

  #decide(
    sql: string,
    facts: ReadFacts,
    prepared: PreparedLookup,
    names = this.#currentSpace().names,
    scope = this.#parts.scope,
  ): Decision {
    const catalog = this.#catalog();
    const { outOfScope, observes, advice } = this.#parts;
    const factsOf = (name: string) => {
      const verdict = prepared(name);
      return verdict && this.#statementOf(verdict);
    };
    const { redactedJson } = facts;
    const terms = { scope, outOfScope, observes, advice, ...redactionOf(facts, sql, prepared) };
    const decision = decide({ ...terms, facts, catalog, names, prepared: factsOf });
    if (redactedJson === undefined) return decision;
    return { ...decision, verdict: Object.freeze({ ...decision.verdict, redactedJson }) };
  }

  /** A statement prepared by the extended protocol can be executed by SQL as well. */
  #statementOf(verdict: Verdict): StatementFacts | undefined {
    return preparedFacts.get(baseOf(verdict));
  }

  #keep(sql: string, facts: ReadFacts, decision: Decision, lookup: PreparedLookup): Verdict {
    const { verdict, unresolved } = decision;
    const { changes, session } = this.#parts;
    const passing = verdict.effect !== 'allow' && changes.byOthers(session);
    const lasting = !unresolved && !passing && !facts.statements.some(executes);
    const space = this.#currentSpace();
    const [only, more] = facts.statements;
    this.#note(decision, more === undefined ? only : undefined, lasting ? space : null);
    if (lasting) space.verdicts.set(sql, verdict);
    if (lasting && verdict.effect === 'allow') this.#keepCommon(sql, { facts, decision }, lookup, space);
    return verdict;
  }

  /** `only`: facts of the one statement that the text has. */
  #note(decision: Decision, only: StatementFacts | undefined, space: VerdictSpace | null): Verdict {
    const { verdict, prepared } = decision;
    decisions.set(verdict, { decision, space });
    for (const [index, { verdict: inner }] of verdict.effects.prepares.entries())
      preparedFacts.set(inner, prepared[index]!);
    if (only !== undefined) preparedFacts.set(verdict, only);
    return verdict;
  }

  #changeNames(changes: Names): void {
    this.#setNames(addedNames(this.#names, changes));
  }

  #setNames(names: Names): void {
    if (names === this.#names) return;
    this.#names = names;
    this.#space = this.#findSpace();
  }

  /** The space of now: another one when a new catalog has come, or others have changed what names may mean. */
  #currentSpace(): VerdictSpace {
    const { version } = this.#parts.changes;
    if (this.#catalog().version !== this.#space.version || version !== this.#sawChanges)
      this.#space = this.#findSpace();
    return this.#space;
  }

  #catalog() {
    const { source } = this.#parts;
    if (source === null) return ASSUMED_CATALOG;
    if (source.current === null) throw new Error('a guard was opened before its catalog');
    return source.current;
  }

  #findSpace(): VerdictSpace {
    const { spaces, scopeKey, session, changes } = this.#parts;
    this.#sawChanges = changes.version;
    return spaces.of(scopeKey, this.#catalog().version, changes.over(this.#names, session));
  }
}

const scopeLine = ({ action, resource }: GrantLine): ScopeLine => ({ actions: [action], on: [resource] });

const executes = ({ needs }: StatementFacts): boolean => needs.some(({ kind }) => kind === 'execute');
