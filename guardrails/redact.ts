/**
 * Secrets taken out of SQL before it is kept. Works on the text alone, so that it also works for texts that do not
 * parse: constants are found as PostgreSQL's lexer finds them, and are secret by the place they stand in
 * (redact/secret-places.ts) or by what they look like (redact/secret-texts.ts).
 */
import { joinedSecrets } from './redact/joined.ts';
import { contentOf, type Lexeme, lexemes } from './redact/lexemes.ts';
import { type PreparedSecrets, secretPlaces } from './redact/secret-places.ts';
import { maskSecrets, SUSPECT } from './redact/secret-texts.ts';
import type { Verdict } from './types.ts';

/** The members of a verdict that say so. */
export type Redaction = Required<Pick<Verdict, 'redactedText' | 'secretParameters'>>;

/** The lexemes of longer texts would take too much memory at once: they are read again. UTF-16 units. */
const SHORT = 16 * 1024;

/** Strings in strings, and so on: deeper ones are taken out whole. */
const MOST_DEPTH = 4;

export const redact = (sql: string): string => redaction(sql).redactedText;

/** `prepared`: by the names of statements, which of their parameters are secret. */
export function redaction(sql: string, prepared: PreparedSecrets = () => undefined): Redaction {
  return isSuspicious(sql)
    ? new Redactor(prepared, 0).redaction(sql)
    : { redactedText: sql, secretParameters: [] };
}

/** Most texts are not, and need no further look. */
const isSuspicious = (sql: string): boolean =>
  SUSPECT.test(sql) || ESCAPED.test(sql) || PUT_TOGETHER.test(sql) || EXECUTES.test(sql);

const ESCAPED = /\b(?:e'[^']*\\[xu0-7]|u&['"])/i;
const PUT_TOGETHER = /'\s*\|\|\s*'/;
const EXECUTES = /\bexecute\b/i;

class Redactor {
  readonly #prepared: PreparedSecrets;
  readonly #depth: number;

  constructor(prepared: PreparedSecrets, depth: number) {
    this.#prepared = prepared;
    this.#depth = depth;
  }

  redaction(sql: string): Redaction {
    const all = sql.length <= SHORT ? [...lexemes(sql)] : { [Symbol.iterator]: () => lexemes(sql) };
    const { starts, parameters } = secretPlaces(sql, all, this.#prepared);
    const joined = joinedSecrets(sql, all, (content) => this.#content(content));
    let text = '';
    let from = 0;
    let hidden = -1; // where a word ends that is replaced
    for (const lexeme of all) {
      const { start, end } = lexeme;
      const whole = sql.slice(start, end);
      const put = joined.get(start);
      text += sql.slice(from, start);
      from = end;
      if (put !== undefined) text += quoted(put);
      else if (!starts.has(start)) text += this.#lexeme(lexeme, whole);
      else {
        if (hidden !== start) text += this.#secret(lexeme, whole);
        hidden = end;
      }
    }
    return { redactedText: text + sql.slice(from), secretParameters: [...parameters] };
  }

  /** INVARIANT: no code is hidden. What is in a place of secrets and reads as a statement loses only its own secrets. */
  #secret({ kind }: Lexeme, text: string): string {
    if (kind === 'identifier') return '"***"';
    const kept = kind === 'string' && (isCode(contentOf(text)) || isMembers(text));
    if (kept) return this.#string(text);
    return `${/^(?:n|u&)/i.exec(text)?.[0] ?? ''}${MASK}`; // without N it would be of another type
  }

  #lexeme({ kind }: Lexeme, text: string): string {
    if (kind === 'string') return this.#string(text);
    return kind === 'comment' ? maskedComment(text) : text;
  }

  #string(text: string): string {
    const content = contentOf(text);
    const masked = this.#content(content);
    if (masked === content) return text;
    const tag = /^\$[^$]*\$/.exec(text)?.[0];
    if (tag === undefined) return quoted(masked, isEnded(text));
    return `${tag}${masked}${text.endsWith(tag) ? tag : ''}`;
  }

  #content(content: string): string {
    if (!isSuspicious(content)) return content;
    if (this.#depth === MOST_DEPTH) return '***';
    const text = isCode(content) ? content : maskSecrets(content);
    return new Redactor(this.#prepared, this.#depth + 1).redaction(text).redactedText;
  }
}

const MASK = "'***'";

const quoted = (content: string, ended = true): string =>
  `'${content.replaceAll("'", "''")}${ended ? "'" : ''}`;

const isEnded = (text: string): boolean => /[^\\]'$/.test(text) && text.length > 2;

/** The beginnings of statements and of bodies of functions. */
const CODE =
  /^(?:\s|\(|--[^\n]*\n|\/\*[^*]*\*\/)*(?:<<\w+>>\s*)?(?:(?:select|perform|values|with|table|execute|call|do|begin|declare|explain|prepare|notify)\b|insert\s+into\s|update\s+(?:only\s+)?[\w."]+\s+(?:as\s+\w+\s+)?set\s|delete\s+from\s|merge\s+into\s|(?:alter|create|drop)\s+(?:or\s+replace\s+)?[a-z]+\s|(?:grant|revoke)\s+\w|copy\s+[\w."(]|truncate\s|set\s+(?:local\s+|session\s+)?[\w.]+\s*(?:=|to\b)|comment\s+on\s|import\s+foreign\s|raise\s|if\s+.*\bthen\b)/is;

/** JSON, or a row of it, of which some member is a secret. */
const isMembers = (text: string): boolean => {
  const content = contentOf(text);
  return /^\s*[[{]/.test(content) && maskSecrets(content) !== content;
};

const isCode = (content: string): boolean => CODE.test(content);

/** INVARIANT: what is masked ends where its comment does, or whoever reads it would take code for either. */
const maskedComment = (text: string): string =>
  text
    .split(/(\/\*|\*\/)/)
    .map(maskSecrets)
    .join('');
