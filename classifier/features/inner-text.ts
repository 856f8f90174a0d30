/**
 * What stands inside literals and quoted names, read as if it were SQL: an attack that did not break out, or broke out in
 * another dialect's quotes, is still an attack tried.
 */
import { contentOf, type Token, tokensOf } from '../lexer.ts';
import { type FeatureTexts, feature, type Tally } from './feature.ts';
import { classesOf, FOREIGN_CATALOGS } from './vocabulary.ts';

export const INNER_FEATURES = {
  innerKeywords: feature('keywords of SQL stand inside literals or quoted names (log2)', 1),
  innerCalls: feature('calls of telling functions stand inside literals or quoted names', 1),
  innerComparisons: feature('comparisons of constants stand inside literals or quoted names', 1),
  innerComments: feature('comment marks stand inside literals or quoted names', 1),
  innerUnbalanced: feature('brackets inside a literal or quoted name do not match', 1),
  innerCatalogs: feature('names of system catalogs stand inside literals or quoted names', 1),
} satisfies FeatureTexts;

export type InnerFeature = keyof typeof INNER_FEATURES;

const TELLING = new Set(
  `select union from where and or not having order by group insert into values update set delete drop table case when
  then else end like rlike regexp sleep waitfor delay exec execute null limit offset between exists cast convert all
  begin declare copy create alter truncate shutdown`.split(/\s+/),
);

const SUSPICIOUS = /['"`();=#|<>]|--|\/\*|\b(union|select|sleep|waitfor|or|and)\b/i;
const LONGEST = 2000;

/** The tokens inside of a literal or quoted name, without quotes; none where it is an ordinary value or a body of code. */
export function innerTokensOf({ kind, text }: Token, before: Token | undefined): readonly Token[] {
  if (kind !== 'string' && kind !== 'quoted') return [];
  if (kind === 'string' && /^(as|do|is)$/i.test(before?.text ?? '')) return [];
  if (text.length > LONGEST || text.startsWith('$')) return [];
  const content = contentOf(text);
  return SUSPICIOUS.test(content) ? tokensOf(content.replace(/['"`]/g, ' ')) : [];
}

export function measureInner(tally: Tally<InnerFeature>, tokens: readonly Token[]): void {
  let brackets = 0;
  let keywords = 0;
  tokens.forEach(({ kind, text }, index) => {
    const lower = text.toLowerCase();
    if (kind === 'comment' || text.includes('#') || text.includes('--')) tally.innerComments++;
    if (text === '(') brackets++;
    else if (text === ')') brackets--;
    if (kind === 'word') {
      if (TELLING.has(lower)) keywords++;
      if (lower.startsWith('pg_') || lower === 'information_schema' || FOREIGN_CATALOGS.has(lower))
        tally.innerCatalogs++;
      if (tokens[index + 1]?.text === '(' && classesOf(lower).length > 0) tally.innerCalls++;
    }
    if (isComparison(tokens, index)) tally.innerComparisons++;
  });
  if (brackets !== 0 && tokens.length > 2) tally.innerUnbalanced++;
  // One or two such words are plain English.
  tally.innerKeywords += Math.max(0, keywords - 2);
}

/** `1 = 1`, `x = x`, `1 like 1`: at the operator. */
function isComparison(tokens: readonly Token[], at: number): boolean {
  const [left, operator, right] = [tokens[at - 1], tokens[at], tokens[at + 1]];
  if (left === undefined || operator === undefined || right === undefined) return false;
  if (!/^(=|<>|!=|<|>|like|rlike)$/i.test(operator.text)) return false;
  return (left.kind === 'number' && right.kind === 'number') || left.text === right.text;
}
