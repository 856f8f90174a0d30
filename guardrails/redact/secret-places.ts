/**
 * Which constants of a text are secret by the place they stand in. A constant is one with a name that says so: in one
 * clause with it (`password = 'x'`, `DEFAULT 'x'`, `'x' AS token`, `passwd IN (...)`), or at its place in a row
 * (`(name, password) VALUES (...)`). It goes by lexemes and brackets alone: the same for texts that do not parse, are
 * cut off, or stand in strings.
 */
import { Brackets } from './brackets.ts';
import type { Columns, Constant } from './clause.ts';
import { contentOf, type Lexeme } from './lexemes.ts';
import { BEGINS, isBoundary, isMethod, isNoCall, isNoValue, isTellingCall } from './place-words.ts';
import { isSecretName, namesSecret } from './secret-names.ts';
import { leadsToSecret } from './secret-texts.ts';

/** Numbers from 1 of the secret parameters of the statement that is prepared under a name. */
export type PreparedSecrets = (name: string) => readonly number[] | undefined;

export interface SecretPlaces {
  /** Where the lexemes begin that are to be replaced; UTF-16 units. */
  readonly starts: ReadonlySet<number>;
  /** Numbers of parameters, from 1. */
  readonly parameters: ReadonlySet<number>;
}

/** @param lexemes of `sql` */
export function secretPlaces(
  sql: string,
  lexemes: Iterable<Lexeme>,
  prepared: PreparedSecrets,
): SecretPlaces {
  const reader = new PlaceReader(sql, prepared);
  for (const lexeme of lexemes) if (lexeme.kind !== 'comment') reader.read(lexeme);
  reader.endStatement();
  return reader;
}

/** A word or identifier that may be a name: that shows by what follows. */
interface Pending {
  readonly lexeme: Lexeme;
  /** As it is written, without quotes. */
  readonly text: string;
  /** A word in lower case. */
  readonly name: string;
  readonly quoted: boolean;
}

/** Longer strings are no names of anything. Characters. */
const LONGEST_NAME = 300;
/** A number of fewer digits is no secret worth the name. */
const FEWEST_DIGITS = 4;
const ACCESS_KEY_ID = /^(?:AKIA|ASIA)[A-Z0-9]{16}$/;
const ASSIGNS = /^(?:=|:=|=>|to)$/;
const MEMBER = /^(?:->>?|#>>?|\[)$/;
const GLUED = /^(?:[\w$.]|-(?!-))/;
/** Before these, a word that could begin a clause is a name. */
const BEHIND_NAME = /^(?:[.,)\]=<>:]|\|\|)/;

class PlaceReader implements SecretPlaces {
  readonly starts = new Set<number>();
  readonly parameters = new Set<number>();
  readonly #sql: string;
  readonly #prepared: PreparedSecrets;
  readonly #own = new Map<string, readonly number[]>();
  readonly #brackets = new Brackets((constants) => this.#hide(constants));
  #pending: Pending | null = null;
  /** The two before, the last one first; words in lower case. */
  #before: readonly [string, string] = ['', ''];
  /** Words that the statement begins with, and what is secret in it. */
  #verbs: string[] = [];
  #hidden: Constant[] = [];
  /** INVARIANT: no code is hidden. The statement calls what runs, or reads, what its arguments say: it keeps them all. */
  #tells = false;
  /** Where a word ends that is secret, if more of it may follow. */
  #wordEnd = -1;
  /** In a table of settings: this is about a secret, and what it is to be. */
  #keyed = false;
  #values: Constant[] = [];

  constructor(sql: string, prepared: PreparedSecrets) {
    this.#sql = sql;
    this.#prepared = (name) => this.#own.get(name) ?? prepared(name);
  }

  read(lexeme: Lexeme): void {
    const text = this.#sql.slice(lexeme.start, lexeme.end);
    if (lexeme.start === this.#wordEnd && GLUED.test(text)) return this.#hideWord(lexeme);
    this.#settlePending(text);
    switch (lexeme.kind) {
      case 'word':
        this.#pending = { lexeme, text, name: text.toLowerCase(), quoted: false };
        return;
      case 'identifier':
        this.#pending = quotedName(lexeme, contentOf(text));
        return;
      case 'string':
      case 'number':
      case 'parameter':
        this.#constant(lexeme.kind, lexeme.start, text);
        break;
      case 'symbol':
        this.#symbol(text);
        break;
      case 'comment':
        return;
      default:
        throw new TypeError(lexeme.kind satisfies never);
    }
    this.#before = [text, this.#before[0]];
  }

  endStatement(): void {
    this.#settlePending(';');
    this.#brackets.closeAll();
    if (this.#keyed) this.#hide(this.#values);
    const hidden = this.#tells ? [] : this.#hidden;
    const [verb, name] = this.#verbs;
    const numbers = hidden.flatMap(({ kind, text }) => (kind === 'parameter' ? Number(text) : []));
    if (verb === 'prepare' && name !== undefined) this.#own.set(name, numbers);
    for (const number of numbers) this.parameters.add(number);
    for (const { start, kind, text } of hidden)
      if (kind !== 'parameter' && text.length >= (kind === 'string' ? 1 : FEWEST_DIGITS))
        this.starts.add(start);
    this.#hidden = [];
    this.#tells = false;
    this.#verbs = [];
    this.#keyed = false;
    this.#values = [];
  }

  #settlePending(next: string): void {
    const pending = this.#pending;
    if (pending === null) return;
    this.#pending = null;
    const { name, quoted } = pending;
    if (this.#verbs.length < 2) this.#verbs.push(name);
    if (quoted || !this.#structures(name, next)) this.#name(pending, next);
    this.#before = [name, this.#before[0]];
  }

  /** Whether it is a word that begins or ends a clause or a level here. */
  #structures(word: string, next: string): boolean {
    if (word === 'end') return this.#brackets.closeCase();
    if (word === 'case' && next !== '.') {
      this.#brackets.open('case', '', () => null);
      return true;
    }
    if (!isBoundary(word) || this.#before[0] === '.' || BEHIND_NAME.test(next)) return false;
    const { clause, kind } = this.#brackets.level;
    if (word === 'and' && clause.between) return false;
    if (word === 'set' && this.#verbs[0] === 'alter') return false; // ALTER ROLE ... SET, ALTER COLUMN ... SET DEFAULT
    if (word === 'from' && this.#before[0] === 'distinct') return false; // IS DISTINCT FROM
    this.#brackets.boundary(word);
    if (BEGINS.has(word) && kind.bracket === '') this.#verbs = [];
    return true;
  }

  #name({ lexeme, text, name, quoted }: Pending, next: string): void {
    const { clause } = this.#brackets.level;
    if (next === '(' && (quoted || !isNoCall(name))) clause.more = true;
    else if (next === '.') return;
    else if (this.#isValue(...this.#before) && (quoted || !isNoValue(name))) this.#hideWord(lexeme);
    else {
      clause.addName(name);
      clause.secret ||= clause.naming && name === 'value'; // json_object('password' VALUE 'x')
      clause.secret ||= this.#verbs[0] !== 'comment' && isSecretName(text);
    }
  }

  /** PASSWORD word, SET token = word. */
  #isValue(before: string, beforeThat: string): boolean {
    const [verb, object] = this.#verbs;
    if (before === 'password')
      return (verb === 'alter' || verb === 'create') && /^(?:role|user|group)$/.test(object ?? '');
    return (verb === 'set' || verb === 'alter') && /^(?:=|to)$/.test(before) && isSecretName(beforeThat);
  }

  #constant(kind: Constant['kind'], start: number, text: string): void {
    if (this.#before[0] === 'uescape') return;
    const { level } = this.#brackets;
    const { clause } = level;
    const content = kind === 'string' ? contentOf(text) : kind === 'parameter' ? text.slice(1) : text;
    const constant: Constant = { start, kind, text: content, assigned: ASSIGNS.test(this.#before[0]) };
    if (level.kind.call !== null && isMethod(content)) return;
    if (level.leading && kind !== 'number') this.#hide([constant]);
    if (kind === 'string' && content.length <= LONGEST_NAME) {
      const named = namesSecret(content);
      if (named && MEMBER.test(this.#before[0])) {
        clause.secret = true;
        return;
      }
      clause.naming = clause.isEmpty && (named || ACCESS_KEY_ID.test(content));
      this.#keyed ||= named && clause.keys;
      level.leading ||= leadsToSecret(content);
    } else clause.naming = false;
    clause.more = true;
    clause.constants.push(constant);
    if (clause.values) this.#values.push(constant);
  }

  #symbol(text: string): void {
    switch (text) {
      case ';':
        return this.endStatement();
      case '(':
      case '[':
        this.#tells ||= isTellingCall(this.#before[0]);
        return this.#brackets.open(text, this.#before[0], (call) => this.#arguments(call));
      case ')':
      case ']':
        return this.#brackets.close(this.#verbs[0] === 'create');
      case ',':
        return this.#brackets.comma();
      case '.':
        return;
      default: {
        const { clause } = this.#brackets.level;
        clause.secret ||= clause.naming && text === ':'; // json_object('password': 'x')
        clause.naming = false;
        clause.more = true;
      }
    }
  }

  /** Of EXECUTE: as those of what was prepared. */
  #arguments(call: string): Columns | null {
    const secrets = this.#before[1] === 'execute' ? this.#prepared(call) : undefined;
    return secrets === undefined
      ? null
      : { count: null, secret: new Set(secrets.map((number) => number - 1)) };
  }

  #hideWord({ start, end }: Lexeme): void {
    this.starts.add(start);
    this.#wordEnd = end;
  }

  #hide(constants: readonly Constant[]): void {
    for (const constant of constants) this.#hidden.push(constant);
  }
}

const quotedName = (lexeme: Lexeme, text: string): Pending => ({ lexeme, text, name: text, quoted: true });
