/**
 * Texts that differ in nothing but their constants have a common one: the text with parameters in place of those. Who
 * writes values into statements sends a new text each time, of a form that was decided long ago.
 *
 * INVARIANT: what is allowed as the common text is allowed as each of them. A parameter may have any value and type, so
 * the common text says less: where something rests on a constant, it is not allowed, and each is decided by itself.
 */

/** Longer ones are mostly values, and each has its own number of them. UTF-16 units. */
const LONGEST = 2000;

/** Dollars, backslashes, comments, constants that go on in the next line: nothing that has to be read with more care. */
const PECULIAR = /[$\\\0]|--|\/\*|'\s*[\n\r]\s*'/;

/**
 * The text with its numbers and strings as `$1`, `$2` ...; null: it has none, or not only plain ones. Lexical structure
 * as in the manual, section 4.1, with standard_conforming_strings on.
 */
export function liftConstants(sql: string): string | null {
  if (sql.length > LONGEST || PECULIAR.test(sql)) return null;
  let lifted = '';
  let from = 0;
  let count = 0;
  for (let at = 0; at < sql.length; ) {
    const start = at;
    at = tokenEnd(sql, start);
    if (at < 0) return null;
    if (!isConstant(sql.charCodeAt(start))) continue;
    count += 1;
    lifted += `${sql.slice(from, start)}$${count}`;
    from = at;
  }
  return count === 0 ? null : lifted + sql.slice(from);
}

const QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;
const AMPERSAND = 0x26;
const DOT = 0x2e;
const UNDERSCORE = 0x5f;

const isConstant = (code: number): boolean => code === QUOTE || isDigit(code);

/** Behind the word, number, string or other character that begins at `start`; -1: it is not plain. */
function tokenEnd(sql: string, start: number): number {
  const code = sql.charCodeAt(start);
  if (isDigit(code)) return numberEnd(sql, start);
  if (isWord(code)) return wordEnd(sql, start);
  if (code === QUOTE || code === DOUBLE_QUOTE)
    return sql.charCodeAt(start - 1) === AMPERSAND ? -1 : quotedEnd(sql, start, code);
  return start + 1;
}

/** Digits with at most one dot between them: no `1e5`, `0x1F`, `.5`, `1.` or `1_000`. */
function numberEnd(sql: string, start: number): number {
  let end = digitsEnd(sql, start);
  if (sql.charCodeAt(end) === DOT && isDigit(sql.charCodeAt(end + 1))) end = digitsEnd(sql, end + 1);
  const next = sql.charCodeAt(end);
  return isWord(next) || next === DOT || sql.charCodeAt(start - 1) === DOT ? -1 : end;
}

function digitsEnd(sql: string, start: number): number {
  let end = start;
  while (isDigit(sql.charCodeAt(end))) end += 1;
  return end;
}

/** A quote that follows at once makes it a prefix: E'...', U&"...". */
function wordEnd(sql: string, start: number): number {
  let end = start + 1;
  while (isWord(sql.charCodeAt(end))) end += 1;
  const next = sql.charCodeAt(end);
  return next === QUOTE || next === DOUBLE_QUOTE ? -1 : end;
}

/** Two quotes are one within. */
function quotedEnd(sql: string, start: number, quote: number): number {
  const mark = String.fromCharCode(quote);
  for (let at = start + 1; ; at += 2) {
    at = sql.indexOf(mark, at);
    if (at < 0 || sql.charCodeAt(at + 1) !== quote) return at < 0 ? -1 : at + 1;
  }
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** May stand in a word; NaN, for the end of the text, may not. */
const isWord = (code: number): boolean =>
  isDigit(code) ||
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  code === UNDERSCORE ||
  code >= 0x80;
