/** A text as words: folded, parted, and set right where letters have changed places. */
import { folded } from './folding.ts';

export interface Words {
  readonly words: readonly string[];
  /** Of each word the number of the clause that it stands in. */
  readonly clauses: readonly number[];
}

const LEAST_TO_CORRECT = 4;
/** Names have no more letters, and words far fewer. */
const MOST_TO_CORRECT = 130;

export function wordsOf(text: string, vocabulary: (word: string) => boolean): Words {
  const words: string[] = [];
  const clauses: number[] = [];
  let clause = 0;
  for (const [token] of folded(text).matchAll(
    /[\p{L}\p{M}\p{N}_$]+(?:\.[\p{L}\p{N}_$]+)*|[^\s\p{L}\p{N}]/gu,
  )) {
    if (/^[\p{L}\p{M}\p{N}_$]/u.test(token)) {
      words.push(corrected(token, vocabulary));
      clauses.push(clause);
    } else if (/[.,;:!?()[\]{}—–、。，]/.test(token)) clause++;
  }
  return { words, clauses };
}

/** The word, or the one that two letters in their right places make of it. */
export function corrected(word: string, isKnown: (word: string) => boolean): string {
  if (word.length < LEAST_TO_CORRECT || word.length > MOST_TO_CORRECT || isKnown(word)) return word;
  for (let index = 0; index < word.length - 1; index++) {
    if (word[index] === word[index + 1]) continue;
    const swapped = `${word.slice(0, index)}${word[index + 1]}${word[index]}${word.slice(index + 2)}`;
    if (isKnown(swapped)) return swapped;
  }
  return word;
}

const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/** The words of a text that have digits for letters, with the letters. */
export function unleeted(text: string): readonly string[] {
  const tokens = text.toLowerCase().match(/[a-z0134578@$!]{4,}/g) ?? [];
  return tokens.filter((token) => MIXED.test(token)).map(withLetters);
}

/** All words, those with digits for letters among them. */
export const unleetedWords = (words: readonly string[]): readonly string[] =>
  words.map((word) => (MIXED.test(word) ? withLetters(word) : word));

const MIXED = /[a-z][0134578@$]|[0134578@$!][a-z]/;
const withLetters = (word: string): string => word.replace(/[0134578@$!]/g, (sign) => LEET[sign] as string);
