/**
 * The wording of a text without its names and values: keywords stay, every other word becomes one of a few classes, and
 * runs of one to three of these are counted in hashed places.
 */
import { contentOf, type Token } from '../lexer.ts';
import { innerTokensOf } from './inner-text.ts';
import { classesOf, FOREIGN_CATALOGS, KEYWORDS } from './vocabulary.ts';

/** Places of the bag: a power of two. */
export const BAG_SIZE = 4096;

const NO_NAMES: ReadonlySet<string> = new Set();

/** Of a longer text only so many tokens are taken, at the beginning and at the end each. */
const MOST_TOKENS = 200;

/** The places that a text fills, ascending, each once: that a wording occurs says more than how often. `names`: words that are no keywords here. */
export function bagOf(tokens: readonly Token[], names: ReadonlySet<string> = NO_NAMES): Uint16Array {
  const words = maskedWords(
    tokens.length <= 2 * MOST_TOKENS
      ? tokens
      : [...tokens.slice(0, MOST_TOKENS), ...tokens.slice(-MOST_TOKENS)],
    names,
  );
  const places = new Set<number>();
  let before = 0;
  let further = 0;
  for (const word of words) {
    const own = hash(word, 1);
    places.add(own & (BAG_SIZE - 1));
    if (before !== 0) places.add(mix(before, own) & (BAG_SIZE - 1));
    if (further !== 0) places.add(mix(mix(further, before), own) & (BAG_SIZE - 1));
    further = before;
    before = own;
  }
  return Uint16Array.from(places).sort();
}

/** A list, however long, is one value: `1, 2, 3` and `1` give the same words. */
export function maskedWords(
  tokens: readonly Token[],
  names: ReadonlySet<string> = NO_NAMES,
): readonly string[] {
  const words: string[] = [];
  const said = tokens.filter(({ kind, text }) => kind !== 'comment' && text !== ';');
  const all = said.flatMap((token, index) => [token, ...innerTokensOf(token, said[index - 1])]);
  all.forEach((token, index) => {
    const word = maskedWord(token, all[index + 1], all[index - 1], names);
    if (word === words.at(-2) && words.at(-1) === ',') words.pop();
    else words.push(word);
  });
  return words;
}

function maskedWord(
  { kind, text }: Token,
  next: Token | undefined,
  before: Token | undefined,
  names: ReadonlySet<string>,
): string {
  switch (kind) {
    case 'word':
      return maskedName(text.toLowerCase(), next?.text === '(', before?.text === '.', names);
    case 'quoted':
      if (!/^"[\w .$-]+"$/.test(text)) return 'oddname';
      return next?.text === '(' && !names.has(contentOf(text).toLowerCase()) ? 'call()' : 'name';
    case 'string':
      return maskedString(contentOf(text));
    case 'number':
      return /^0x/i.test(text) ? '0x' : '1';
    case 'parameter':
      return '$1';
    case 'comment':
      return '';
    case 'operator':
    case 'punctuation':
      return text === '!=' ? '<>' : text.length > 4 ? 'ops' : text;
  }
}

function maskedName(name: string, called: boolean, qualified: boolean, names: ReadonlySet<string>): string {
  if (called) {
    const [first] = classesOf(name);
    if (first !== undefined) return `${first}()`;
    if (names.has(name)) return 'name';
    return KEYWORDS.has(name) ? name : 'call()';
  }
  if (!qualified && KEYWORDS.has(name) && !names.has(name)) return name;
  if (name.startsWith('pg_') || name === 'information_schema') return 'catalog';
  return FOREIGN_CATALOGS.has(name) ? 'foreign' : 'name';
}

function maskedString(content: string): string {
  if (content === '') return "''";
  return /['"();=]|--/.test(content) ? "'code'" : "'text'";
}

/** FNV-1a. Never 0. */
function hash(word: string, seed: number): number {
  let value = 0x811c9dc5 ^ seed;
  for (let index = 0; index < word.length; index++)
    value = Math.imul(value ^ word.charCodeAt(index), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0 || 1;
}

function mix(left: number, right: number): number {
  const value = Math.imul(left ^ (left >>> 13), 0x5bd1e995) ^ Math.imul(right, 0x9e3779b1);
  return (value ^ (value >>> 15)) >>> 0 || 1;
}
