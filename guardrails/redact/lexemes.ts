/**
 * The lexical structure of SQL (manual, section 4.1) as far as finding secrets needs it. Works on any text: what does not
 * end goes to the end of the text, what is not known is a symbol.
 */

export interface Lexeme {
  readonly start: number;
  readonly end: number;
  readonly kind: 'string' | 'identifier' | 'comment' | 'word' | 'number' | 'parameter' | 'symbol';
}

/** A word; or what a string, identifier or comment begins with; or anything else. */
const LEXEME =
  /\s*(?:([eEbBxXnN]'|[uU]&['"]|['"]|\/\*|--|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(\d[\w.]*)|(\$\d+)|(->>|->|#>>|#>|\|\||:=|=>|::|\S))/y;

/** In order; blanks are left out. */
export function* lexemes(sql: string): Generator<Lexeme> {
  const search = new RegExp(LEXEME);
  for (let match = search.exec(sql); match !== null; match = search.exec(sql)) {
    const [, opening, word, number, parameter, symbol] = match;
    const behind = search.lastIndex;
    if (opening !== undefined) {
      const end = endOf(sql, behind, opening);
      yield { start: behind - opening.length, end, kind: kindOf(opening) };
      search.lastIndex = end;
    } else if (word !== undefined) yield { start: behind - word.length, end: behind, kind: 'word' };
    else if (number !== undefined) yield { start: behind - number.length, end: behind, kind: 'number' };
    else if (parameter !== undefined)
      yield { start: behind - parameter.length, end: behind, kind: 'parameter' };
    else yield { start: behind - symbol!.length, end: behind, kind: 'symbol' };
  }
}

const kindOf = (opening: string): Lexeme['kind'] => {
  if (opening === '--' || opening === '/*') return 'comment';
  return opening.endsWith('"') ? 'identifier' : 'string';
};

/** `from`: behind what it begins with. */
const endOf = (sql: string, from: number, opening: string): number => {
  if (opening === '--') return lineEnd(sql, from);
  if (opening === '/*') return blockCommentEnd(sql, from);
  if (opening.endsWith("'")) return quoteEnd(sql, from, "'", /^e/i.test(opening));
  if (opening.endsWith('"')) return quoteEnd(sql, from, '"', false);
  const end = sql.indexOf(opening, from);
  return end < 0 ? sql.length : end + opening.length;
};

/** A line ends with either (`non_newline` of PostgreSQL's scan.l). */
const lineEnd = (sql: string, from: number): number => {
  for (let at = from; at < sql.length; at++) if (sql[at] === '\n' || sql[at] === '\r') return at + 1;
  return sql.length;
};

const quoteEnd = (sql: string, from: number, quote: string, escapes: boolean): number => {
  for (let at = from; at < sql.length; at++) {
    if (escapes && sql[at] === '\\') at++;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at++;
    }
  }
  return sql.length;
};

const blockCommentEnd = (sql: string, from: number): number => {
  let depth = 1;
  for (let at = from; at < sql.length - 1; at++) {
    const pair = sql.slice(at, at + 2);
    if (pair !== '/*' && pair !== '*/') continue;
    depth += pair === '/*' ? 1 : -1;
    at++;
    if (depth === 0) return at + 1;
  }
  return sql.length;
};

/** What a string, or an identifier in quotes, holds; escapes of E'' and U&'' are read, those that are none are left. */
export function contentOf(text: string): string {
  const tag = /^\$[^$]*\$/.exec(text)?.[0];
  if (tag !== undefined) return text.slice(tag.length, text.endsWith(tag) ? -tag.length : undefined);
  const opening = /^[^'"]*['"]/.exec(text)?.[0] ?? '';
  const quote = opening.at(-1) ?? "'";
  const ended = text.length > opening.length && text.endsWith(quote);
  const inner = text.slice(opening.length, ended ? -1 : undefined).replaceAll(quote + quote, quote);
  if (/^e/i.test(opening)) return inner.replace(BACKSLASH, unescaped);
  return /^u&/i.test(opening) ? inner.replace(UNICODE, fromUnicode) : inner;
}

const BACKSLASH = /\\(?:x([0-9a-f]{1,2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([0-7]{1,3})|([\s\S]))/gi;
const UNICODE = /\\(?:\+([0-9a-f]{6})|([0-9a-f]{4}))/gi;
const PLAIN: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

const unescaped = (
  _: string,
  hex?: string,
  short?: string,
  long?: string,
  octal?: string,
  plain = '',
): string =>
  octal === undefined
    ? (character(hex ?? short ?? long, 16) ?? PLAIN[plain] ?? plain)
    : (character(octal, 8) ?? '');

const fromUnicode = (whole: string, long?: string, short?: string): string =>
  character(long ?? short, 16) ?? whole;

const character = (digits: string | undefined, radix: number): string | undefined => {
  const code = digits === undefined ? Number.NaN : Number.parseInt(digits, radix);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
};
