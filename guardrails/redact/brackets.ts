import type { Columns, Constant } from './clause.ts';
import { Level, type LevelKind } from './level.ts';
import { isBehindList, isNoCall, isSecretCall, LISTS } from './place-words.ts';
import { isSecretName } from './secret-names.ts';

/** Brackets within so many others are no levels of their own: what they hold belongs to those. */
const MOST_LEVELS = 32;

const STATEMENT: LevelKind = { bracket: '', call: null, before: '', row: false };
const NAME = /^[A-Za-z_\u0080-\uffff]/;

/** The levels of brackets that are open in a statement; tells of each constant that is found to be secret. */
export class Brackets {
  readonly #hide: (constants: readonly Constant[]) => void;
  /** INVARIANT: there is one at least, the statement. */
  #levels = [new Level(STATEMENT, null, false)];
  /** Open brackets that are no levels. */
  #ignored = 0;

  constructor(hide: (constants: readonly Constant[]) => void) {
    this.#hide = hide;
  }

  get level(): Level {
    return this.#levels.at(-1)!;
  }

  /** `before`: the word or symbol before it. */
  open(bracket: string, before: string, argumentsOf: (call: string) => Columns | null): void {
    if (this.#levels.length >= MOST_LEVELS) {
      this.#ignored++;
      return;
    }
    const around = this.level;
    const call = bracket === '(' && NAME.test(before) && !isNoCall(before) ? before : null;
    const kind = { bracket, call, before, row: around.query === 'values' };
    const columns = call === null ? around.columnsWithin : argumentsOf(call);
    this.#levels.push(new Level(kind, columns, around.leading || (call !== null && isSecretCall(call))));
  }

  /** `ofQuery`: a list of names in it is one of the columns of the query that follows. */
  close(ofQuery: boolean): void {
    if (this.#ignored > 0) {
      this.#ignored--;
      return;
    }
    this.#closeCases(ofQuery);
    if (this.#levels.length > 1) this.#closeOne(ofQuery);
  }

  /** At END: of a CASE, if there is one. */
  closeCase(): boolean {
    const open = this.#isCase;
    if (open) this.#closeOne(false);
    return open;
  }

  comma(): void {
    this.#closeCases(false);
    const { level } = this;
    const { clause, kind } = level;
    const paired = clause.naming && kind.bracket === '(' && !LISTS.has(kind.before);
    this.#hide(level.endClause('', paired));
    level.nextPlace();
    level.leading &&= kind.call !== null;
  }

  /** At a word that begins another clause. */
  boundary(word: string): void {
    const { level } = this;
    this.#hide(level.endClause(word));
    level.leading &&= level.kind.bracket !== '' || word === 'using';
    if (word === 'select' || word === 'values') {
      level.query = word;
      level.reaching = true;
    } else if (isBehindList(word) || word === 'union' || word === 'except' || word === 'intersect') {
      if (level.reaching) this.#hide(level.endRow());
      if (level.query !== null) level.reaching = !isBehindList(word);
      if (isBehindList(word)) level.columns = null;
    } else if (word === 'returning' || word === 'on') level.columns = null;
  }

  /** At the end of the statement. */
  closeAll(): void {
    while (this.#levels.length > 1) this.#closeOne(false);
    this.#hide(this.level.endClause(''));
    this.#hide(this.level.endRow());
    this.#levels = [new Level(STATEMENT, null, false)];
    this.#ignored = 0;
  }

  get #isCase(): boolean {
    return this.level.kind.bracket === 'case';
  }

  #closeCases(ofQuery: boolean): void {
    while (this.#isCase) this.#closeOne(ofQuery);
  }

  #closeOne(ofQuery: boolean): void {
    const level = this.#levels.pop()!;
    this.#hide(level.endClause(''));
    if (level.reaching) this.#hide(level.endRow());
    const { clause } = this.level;
    const names = level.query === null && level.kind.bracket === '(' ? level.names : null;
    if (names !== null && (ofQuery || clause.opener === 'into' || clause.opener === 'insert'))
      this.level.columns = columnsOf(names);
    else if (names !== null && names.length > 1) clause.columns = columnsOf(names);
    level.endWithin(clause);
  }
}

const columnsOf = (names: readonly string[]): Columns => ({
  count: names.length,
  secret: new Set([...names.keys()].filter((place) => isSecretName(names[place]!))),
});
