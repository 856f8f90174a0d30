/**
 * Facts and a scope -> a verdict. Pure: the same arguments give the same frozen answer. All-or-nothing over the
 * statements of a text; what is not understood is refused.
 */
import { type Advice, NO_ADVICE } from './advice.ts';
import type { Catalog } from './catalog.ts';
import { firesEventTriggers, judgeEventTriggers } from './decide/event-triggers.ts';
import { Judge, type Refusal } from './decide/judge.ts';
import { judgeNeed } from './decide/needs.ts';
import { judgeUnwritten } from './decide/unwritten.ts';
import { isDoubtful } from './doubtful-names.ts';
import { denial, refusal } from './explain-denial.ts';
import type { FactNeed, Facts, StatementFacts } from './facts.ts';
import { GrowingNames } from './growing-names.ts';
import { addedNames, type Names, NO_CHANGES } from './names.ts';
import { type Needed, neededLines } from './needed-lines.ts';
import type { CompiledScope } from './scope.ts';
import type { ErrorFields, Reason, SessionEffects, StatementSummary, Verdict } from './types.ts';

export interface DecideInput {
  readonly facts: Facts;
  readonly scope: CompiledScope;
  readonly outOfScope: 'deny' | 'hold';
  readonly catalog: Catalog;
  readonly names: Names;
  /** Statements of the session by the name they were prepared under. */
  readonly prepared: (name: string) => StatementFacts | undefined;
  readonly redactedText: string;
  readonly secretParameters?: readonly number[];
  /** The operator's words for denials. */
  readonly advice?: Advice;
  /** What the grant does not cover passes, and Verdict.observed says that it does. What no grant allows is refused. */
  readonly observes?: boolean;
}

export interface Decision {
  readonly verdict: Verdict;
  /** What the text does to names, when it is let pass. */
  readonly changes: Names;
  /** Some name was not found: a fresh catalog may know it. */
  readonly unresolved: boolean;
  /** Facts of the statements in `verdict.effects.prepares`, in the same order. */
  readonly prepared: readonly StatementFacts[];
  /** If something is missing in the grant, and nothing refused under any: what it would take. */
  readonly needed: Needed | null;
}

export function decide(input: DecideInput): Decision {
  if (input.facts.error !== null)
    return decided(input, NO_STATEMENTS, { effect: 'deny', error: input.facts.error });
  const text = judged(input);
  const [first, ...more] = text.refused;
  if (first !== undefined) return decided(input, text, { effect: 'deny', error: refusal([first, ...more]) });
  const missing = text.reasons.filter(({ allowed }) => !allowed);
  if (missing.length === 0) return decided(input, text, ALLOWED);
  const { scope, outOfScope: effect, advice = NO_ADVICE } = input;
  const needed = neededLines(scope, text.reasons, (wider) => judged({ ...input, scope: wider }).reasons);
  const error = denial(missing, needed, effect, advice.about(needed.missing));
  return decided(input, text, input.observes ? { ...ALLOWED, observed: error } : { effect, error }, needed);
}

const judged = (input: DecideInput): TextJudge => {
  const text = new TextJudge(input);
  for (const statement of input.facts.statements) text.statement(statement);
  return text;
};

type Outcome = Pick<TextJudge, 'summaries' | 'effects' | 'changes' | 'prepared' | 'reasons' | 'unresolved'>;
type Answer = Pick<Verdict, 'effect' | 'error' | 'observed'>;

const ALLOWED: Answer = { effect: 'allow', error: null };

const decided = (
  { redactedText, secretParameters = [] }: DecideInput,
  outcome: Outcome,
  answer: Answer,
  needed: Needed | null = null,
): Decision => {
  const { reasons, summaries, effects, changes, prepared, unresolved } = outcome;
  const secret = secretParameters.length > 0 && { secretParameters };
  const verdict: Verdict = { ...answer, reasons, statements: summaries, effects, redactedText, ...secret };
  return deepFreeze({ verdict, changes, unresolved, prepared, needed });
};

const NO_EFFECTS: SessionEffects = {
  returnsRows: false,
  writes: false,
  copyIn: false,
  transactionControl: false,
  changesNames: false,
  changesCatalog: false,
  concealsRows: false,
  concealsValues: false,
  prepares: [],
  deallocates: [],
  cursors: [],
};

const NO_STATEMENTS: Outcome = {
  summaries: [],
  effects: NO_EFFECTS,
  changes: NO_CHANGES,
  prepared: [],
  reasons: [],
  unresolved: false,
};

/** Objects that one text may make, drop or rename: each of its names is looked up among those before it. */
const MOST_CHANGES = 5000;
const TOO_MANY = `it makes, drops or renames more than ${MOST_CHANGES} objects; split it`;

/** Judges the statements of one text in turn: a later one sees what an earlier one makes, prepares or renames. */
class TextJudge {
  readonly summaries: StatementSummary[] = [];
  readonly prepared: StatementFacts[] = [];
  effects: SessionEffects = NO_EFFECTS;
  readonly #changes = new GrowingNames(NO_CHANGES);
  /** What holds for the next statement: the session's names, and `changes`. */
  readonly #names: GrowingNames;
  readonly #judges: Judge[] = [];
  readonly #input: DecideInput;
  readonly #own = new Map<string, StatementFacts>();

  constructor(input: DecideInput) {
    this.#input = input;
    this.#names = new GrowingNames(input.names);
  }

  get changes(): Names {
    return this.#changes.current;
  }

  get reasons(): readonly Reason[] {
    const byKey = new Map<string, Reason>();
    for (const reason of this.#judges.flatMap((judge) => judge.reasons)) {
      const key = `${reason.action}\0${reason.resource}`;
      if (byKey.get(key)?.allowed !== false) byKey.set(key, reason);
    }
    return [...byKey.values()];
  }

  get refused(): readonly Refusal[] {
    return this.#judges.flatMap((judge) => judge.refused);
  }

  get unresolved(): boolean {
    return this.#judges.some((judge) => judge.unresolved);
  }

  statement(facts: StatementFacts): void {
    const { scope, catalog } = this.#input;
    const judge = new Judge(scope, catalog, addedNames(this.#names.current, pathsWithin(facts)));
    judge.fetched = facts.effects.cursor?.op === 'declare';
    this.#judges.push(judge);
    if (catalog.encoding !== 'UTF8') this.#refuseDoubtful(judge, facts);
    const run = [facts];
    judgeUnwritten(judge, facts);
    for (const need of facts.needs) {
      if (need.kind !== 'execute') judgeNeed(judge, need);
      else run.push(...this.#execute(judge, need));
    }
    if (firesEventTriggers(facts)) judgeEventTriggers(judge);
    this.summaries.push({
      tag: facts.tag,
      ...(facts.range && { range: facts.range }),
      needs: judge.reasons.map(({ action, resource }) => ({ action, resource })),
    });
    for (const each of run) this.#follow(each);
    this.#change(changesOf(judge));
    if (this.#changes.size > MOST_CHANGES) judge.refuse('a text of so many changes', TOO_MANY);
    if (!this.#input.observes) this.#conceal(judge);
    if (judge.opaque) this.#followOpaqueCode();
    else if (judge.writes) this.effects = { ...this.effects, writes: true };
    if (facts.prepares !== null) this.#prepare(facts.prepares.name, facts.prepares.statement);
  }

  #conceal({ concealsRows, concealsValues }: Judge): void {
    if (concealsRows) this.effects = { ...this.effects, concealsRows };
    if (concealsValues) this.effects = { ...this.effects, concealsValues };
  }

  #refuseDoubtful(judge: Judge, { doubtful = [], needs, searchPath }: StatementFacts): void {
    const named = needs.flatMap((need) => ('name' in need ? [need.name] : []));
    const names = new Set([...doubtful, ...[...named, ...(searchPath ?? [])].filter(isDoubtful)]);
    const why = `a database in ${this.#input.catalog.encoding} may read a name of such letters, or so many, otherwise`;
    for (const name of names) judge.refuse(`"${name}"`, why);
  }

  /** EXECUTE does what the prepared statement does, as its names are understood now. */
  #execute(judge: Judge, need: Extract<FactNeed, { kind: 'execute' }>): readonly StatementFacts[] {
    const inner = this.#own.get(need.name) ?? this.#input.prepared(need.name);
    if (inner === undefined) {
      judge.refused.push({ what: need.name, why: '', error: noSuchStatement(need.name) });
      return [];
    }
    for (const each of inner.needs) {
      if (each.kind === 'execute')
        judge.refuse('EXECUTE', 'a prepared statement that executes another is not understood');
      else judgeNeed(judge, each);
      if (need.export && each.kind === 'relation' && each.action === 'select')
        judgeNeed(judge, { ...each, action: 'export', via: 'CREATE TABLE AS EXECUTE' });
    }
    return [inner];
  }

  #prepare(name: string, statement: StatementFacts): void {
    const { verdict } = decide({ ...this.#input, facts: { error: null, statements: [statement] } });
    this.#own.set(name, statement);
    this.prepared.push(statement);
    this.effects = { ...this.effects, prepares: [...this.effects.prepares, { name, verdict }] };
  }

  #follow(facts: StatementFacts): void {
    const before = this.effects;
    const { effects, deallocates, deciding = before.deciding } = facts;
    this.effects = {
      ...(deciding !== undefined && { deciding }),
      returnsRows: before.returnsRows || effects.returnsRows,
      writes: before.writes || effects.writes,
      copyIn: before.copyIn || effects.copyIn,
      transactionControl: before.transactionControl || effects.transactionControl,
      changesNames: before.changesNames || effects.changesNames,
      changesCatalog: effects.changesCatalog || before.changesCatalog,
      concealsRows: before.concealsRows,
      concealsValues: before.concealsValues,
      prepares: before.prepares,
      deallocates: deallocates === undefined ? before.deallocates : [...before.deallocates, deallocates],
      cursors: effects.cursor === null ? before.cursors : [...before.cursors, effects.cursor],
    };
    this.#change(pathsOf(facts));
  }

  #change(added: Names): void {
    this.#changes.add(added);
    this.#names.add(added);
  }

  /** Code that is not followed may change anything, search_path and the catalog too. */
  #followOpaqueCode(): void {
    const { changesCatalog } = this.effects;
    this.effects = {
      ...this.effects,
      writes: true,
      changesNames: true,
      changesCatalog: changesCatalog || 'perhaps',
    };
    this.#change({ paths: null, made: [] });
  }
}

/** In force already while the statement runs: `SELECT set_config('search_path', ...), nextval('s'::text::regclass)`. */
const pathsWithin = (facts: StatementFacts): Names =>
  facts.needs.some((need) => need.kind === 'setting' && need.name === 'search_path')
    ? pathsOf(facts)
    : NO_CHANGES;

const changesOf = ({ made, schemas }: Judge): Names => ({
  paths: [],
  made,
  ...(schemas.length > 0 && { schemas }),
});

const pathsOf = ({ searchPath }: StatementFacts): Names => ({
  paths: searchPath === undefined ? [] : searchPath === null ? null : [searchPath],
  made: [],
});

const noSuchStatement = (name: string): ErrorFields => ({
  sqlstate: '26000',
  message: `prepared statement "${name}" does not exist`,
});

const deepFreeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
};
