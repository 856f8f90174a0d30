/**
 * A text with blanks for its comments, as PostgreSQL's own scanner finds them. To PostgreSQL they are white space, but the
 * parser library keeps them as tokens and falls over one between two words that the grammar must see together (NOT and IN,
 * WITH and TIME, NULLS and FIRST, a literal and its UESCAPE) or between the lines of a literal.
 */
import { type ScanToken, scanSync } from 'libpg-query';

/** UTF-16 units. The tokens of longer texts would take too much memory. */
const LONGEST = 100_000;

/** Of the same length in UTF-16 units; null if nothing is gained, or a comment stands where it is no white space. */
export function blankComments(sql: string): string | null {
  if (sql.length > LONGEST || !(sql.includes('--') || sql.includes('/*'))) return null;
  const tokens = tokensOf(sql);
  if (tokens === null || partsLiteral(tokens)) return null;
  const bytes = Buffer.from(sql); // the scanner counts them
  const parts: string[] = [];
  let end = 0;
  for (const comment of tokens.filter(isComment)) {
    parts.push(bytes.toString('utf8', end, comment.start));
    parts.push(' '.repeat(bytes.toString('utf8', comment.start, comment.end).length));
    end = comment.end;
  }
  return end === 0 ? null : [...parts, bytes.toString('utf8', end)].join('');
}

const tokensOf = (sql: string): readonly ScanToken[] | null => {
  try {
    return scanSync(sql).tokens;
  } catch {
    return null;
  }
};

const isComment = ({ tokenName }: ScanToken): boolean =>
  tokenName === 'C_COMMENT' || tokenName === 'SQL_COMMENT';

/** The lines of one literal may have comments after them, but none in brackets: two literals would become one. */
const partsLiteral = (tokens: readonly ScanToken[]): boolean => {
  let literal = false;
  let bracketed = false;
  for (const token of tokens) {
    if (isComment(token)) bracketed ||= token.tokenName === 'C_COMMENT';
    else {
      const another = token.text.endsWith("'");
      if (literal && bracketed && another) return true;
      literal = another;
      bracketed = false;
    }
  }
  return false;
};
