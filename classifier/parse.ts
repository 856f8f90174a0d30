/** PostgreSQL's own parser for features: never throws. */
import { loadModule, parseSync } from 'libpg-query';
import { LONGEST_TEXT, type Token } from './lexer.ts';
import type { Tree } from './tree.ts';

await loadModule();

/** Texts with fewer nested or chained tokens cannot overflow the stack of the parser; see guardrails/parse.ts. */
const MOST_CHAINED = 1500;

/** The statements of a text, or null: it does not parse, or is too long or too deep to be tried. */
export function parseStatements(sql: string, tokens: readonly Token[]): readonly Tree[] | null {
  if (sql.includes('\0') || !sql.isWellFormed()) return null;
  if (sql.trim() === '') return [];
  if (sql.length > LONGEST_TEXT || chained(tokens) > MOST_CHAINED) return null;
  try {
    return (parseSync(sql).stmts ?? []).flatMap(({ stmt }) => (stmt === undefined ? [] : [stmt as Tree]));
  } catch {
    return null;
  }
}

/** An upper bound of how deep the tree of a text can be. */
function chained(tokens: readonly Token[]): number {
  let brackets = 0;
  let deepest = 0;
  let run = 0;
  for (const { kind, text } of tokens) {
    if (text === '(' || text === '[') brackets++;
    else if (text === ')' || text === ']') brackets--;
    else if (text === ',' || text === ';') run = 0;
    else if (kind === 'operator') run += text.length;
    else if (kind === 'word') run++;
    deepest = Math.max(deepest, brackets + run);
  }
  return deepest;
}
