import { hash } from 'node:crypto';
import { contentOf, LONGEST_TEXT, type Token, tokensOf } from '../../classifier/lexer.ts';

/** A constant that may itself be run as SQL is no mere value. */
const CODE = /\b(select|insert|update|delete|merge|copy|create|alter|drop|grant|call|do)\b/i;

/** Digest of a statement's form. A text that is too long to be taken apart has one of its own. */
export function fingerprintOf(sql: string): string {
  return hash('sha256', sql.length > LONGEST_TEXT ? `text ${sql}` : `form ${formOf(sql)}`, 'base64url');
}

/**
 * A text with its values taken out: what stays the same when a program runs a statement again and again with others.
 * Lists of values and of rows are as good as one.
 */
export function formOf(sql: string): string {
  const words: string[] = [];
  // To PostgreSQL a comment ends at either character.
  for (const token of tokensOf(sql.replaceAll('\r', '\n'))) {
    const word = wordOf(token);
    if (word === null) continue;
    if (word === '?' && isSign(words)) words.pop();
    words.push(word);
    foldList(words);
  }
  while (words.at(-1) === ';') words.pop();
  return words.join(' ');
}

function wordOf({ kind, text }: Token): string | null {
  switch (kind) {
    case 'comment':
      return null;
    case 'word':
      return text.toLowerCase();
    case 'number':
      return '?';
    case 'string': {
      const content = contentOf(text);
      return CODE.test(content) ? `code ${content.toLowerCase()}` : '?';
    }
    case 'parameter':
      if (/^:\d/.test(text)) return ': ?'; // the upper bound of a slice
      return text.startsWith('$') ? '?' : text.toLowerCase(); // `@x` and `:x` are an operator, or a bound, and a column
    case 'quoted':
    case 'operator':
    case 'punctuation':
      return text;
  }
}

/** `-1` is a value, and `a - 1` an operation. */
function isSign(words: readonly string[]): boolean {
  const sign = words.at(-1);
  if (sign !== '-' && sign !== '+') return false;
  const before = words.at(-2);
  return before === undefined || before === '(' || before === ',' || before === '=' || /^[<>]/.test(before);
}

function foldList(words: string[]): void {
  if (endsWith(words, ['?', ',', '?'])) words.length -= 2;
  else if (endsWith(words, ['(', '?', ')', ',', '(', '?', ')'])) words.length -= 4;
}

function endsWith(words: readonly string[], end: readonly string[]): boolean {
  const from = words.length - end.length;
  return from >= 0 && end.every((word, index) => words[from + index] === word);
}
