/**
 * What code within a statement does (bodies of functions and DO blocks), told by its words: it need not be of a language that
 * is parsed here, and what it runs is often put together from literals.
 */
import { contentOf, type Token, tokensOf } from '../lexer.ts';
import type { Tally } from './feature.ts';
import { classesOf, PRIVILEGED_ROLES } from './vocabulary.ts';

type BodyFeature = 'bodyPowers' | 'bodyReaches' | 'bodyDestroys' | 'bodyBuilds';

const LONGEST_BODY = 20_000;

export function measureBody(tally: Tally<BodyFeature>, body: string): void {
  const words = wordsWithin(tokensOf(body.slice(0, LONGEST_BODY)));
  words.forEach((word, at) => {
    const next = words[at + 1] ?? '';
    if (isPower(word, next)) tally.bodyPowers = 1;
    if (word === 'program' && words.includes('copy')) tally.bodyReaches = 1;
    if (classesOf(word).some((name) => OUTWARD.has(name)) && next === '(') tally.bodyReaches = 1;
    if ((word === 'drop' && DROPPED.has(next)) || word === 'truncate') tally.bodyDestroys = 1;
    if (word === 'execute' && BUILT.has(next)) tally.bodyBuilds = 1;
  });
}

const OUTWARD: ReadonlySet<string> = new Set(['file', 'network', 'command']);
const DROPPED = new Set(['table', 'database', 'schema', 'owned']);
/** How what is run begins: a literal, or a call that puts it together. */
const BUILT = new Set(["'", 'format', 'concat', 'replace', 'quote_ident', 'convert_from', 'decode', 'chr']);

function isPower(word: string, next: string): boolean {
  if (word === 'alter' || word === 'create') return next === 'role' || next === 'user';
  if (word === 'grant') return PRIVILEGED_ROLES.has(next) || next === 'all';
  return word === 'superuser' || word === 'bypassrls';
}

/** Words in lower case; a literal is a quote, and then the words in it. */
function wordsWithin(tokens: readonly Token[]): readonly string[] {
  return tokens.flatMap(({ kind, text }) => {
    if (kind === 'string')
      return ["'", ...tokensOf(contentOf(text)).map((inner) => inner.text.toLowerCase())];
    return kind === 'comment' ? [] : [text.toLowerCase()];
  });
}
