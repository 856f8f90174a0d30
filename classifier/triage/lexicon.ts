/** Concepts and the phrases for them in several languages, from `lexicon/*.tsv`: concept, language, patterns. */
import { readFileSync } from 'node:fs';
import { folded } from './folding.ts';

/** `a|b`: either word; `stem*`: any word that begins so; `..` before it: up to so many words between. */
interface Step {
  readonly words: ReadonlySet<string>;
  readonly stems: readonly string[];
  readonly gap: number;
}

interface Pattern {
  readonly concept: string;
  readonly steps: readonly Step[];
}

export interface Hit {
  readonly concept: string;
  /** Places of the first and the last word. */
  readonly from: number;
  readonly to: number;
}

const MOST_BETWEEN = 4;
const KEY = 3;
/** Shorter ones would know too many words. */
const LEAST_STEM = 5;
/** Scripts that are looked through for characters in a row, since words are not parted or change within. */
const UNPARTED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Hebrew}]/u;

export class Lexicon {
  readonly concepts: readonly string[];
  /** Every word that stands in a pattern, for setting mistyped ones right. */
  readonly vocabulary: ReadonlySet<string>;
  readonly #reasons = new Map<string, string>();
  /** Some are the same in several languages. */
  readonly #seen = new Set<string>();
  readonly #stems = new Map<string, string[]>();
  readonly #byStart = new Map<string, Pattern[]>();
  readonly #inRow: { readonly concept: string; readonly characters: string }[] = [];

  constructor(file: string) {
    const concepts = new Set<string>();
    const vocabulary = new Set<string>();
    for (const [concept, language, patterns] of tableOf(file)) {
      concepts.add(concept);
      if (language === 'reason') this.#reasons.set(concept, patterns);
      else for (const text of listOf(patterns)) this.#add(concept, text, vocabulary);
    }
    this.concepts = [...concepts];
    this.vocabulary = vocabulary;
  }

  /** The sentence for a reviewer. */
  reason(concept: string): string {
    return this.#reasons.get(concept) ?? concept;
  }

  /** Whether a word stands in a pattern, or begins as one. */
  knows(word: string): boolean {
    return (
      this.vocabulary.has(word) ||
      (this.#stems.get(word.slice(0, KEY)) ?? []).some((stem) => word.startsWith(stem))
    );
  }

  hasAny(words: readonly string[]): boolean {
    return words.some((word, from) =>
      (this.#byStart.get(word.slice(0, KEY)) ?? []).some(({ steps }) => matchFrom(steps, words, from) >= 0),
    );
  }

  hits(words: readonly string[]): readonly Hit[] {
    const hits: Hit[] = [];
    const unparted = UNPARTED.test(words.join(' '));
    words.forEach((word, from) => {
      for (const pattern of this.#byStart.get(word.slice(0, KEY)) ?? []) {
        const to = matchFrom(pattern.steps, words, from);
        if (to >= 0) hits.push({ concept: pattern.concept, from, to });
      }
      if (unparted) {
        const rest = words.slice(from, from + 3).join('');
        for (const { concept, characters } of this.#inRow)
          if (rest.includes(characters)) hits.push({ concept, from, to: from });
      }
    });
    return hits;
  }

  #add(concept: string, text: string, vocabulary: Set<string>): void {
    if (UNPARTED.test(text)) {
      this.#inRow.push({ concept, characters: folded(text).replaceAll(' ', '') });
      return;
    }
    const pattern = folded(text);
    if (this.#seen.has(`${concept} ${pattern}`)) return;
    this.#seen.add(`${concept} ${pattern}`);
    const steps = stepsOf(pattern);
    const first = steps[0] as Step;
    for (const word of steps.flatMap((step) => [...step.words])) vocabulary.add(word);
    for (const stem of steps.flatMap((step) => step.stems)) {
      if (stem.length >= LEAST_STEM)
        this.#stems.set(stem.slice(0, KEY), [...(this.#stems.get(stem.slice(0, KEY)) ?? []), stem]);
    }
    for (const key of new Set([...first.words, ...first.stems].map((word) => word.slice(0, KEY)))) {
      const patterns = this.#byStart.get(key) ?? [];
      patterns.push({ concept, steps });
      this.#byStart.set(key, patterns);
    }
  }
}

/** Rows of a file of `lexicon/`, without comments. */
export function tableOf(file: string): readonly (readonly [string, string, string])[] {
  return readFileSync(new URL(`./lexicon/${file}.tsv`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t') as [string, string, string]);
}

export const listOf = (patterns: string): readonly string[] => patterns.split(', ');

function stepsOf(text: string): readonly Step[] {
  const steps: Step[] = [];
  let gap = 0;
  for (const part of text.split(' ')) {
    if (part === '..') {
      gap = MOST_BETWEEN;
      continue;
    }
    const words = part.split('|');
    steps.push({
      words: new Set(words.filter((word) => !word.endsWith('*'))),
      stems: words.filter((word) => word.endsWith('*')).map((word) => word.slice(0, -1)),
      gap,
    });
    gap = 0;
  }
  return steps;
}

/** Place of the last word, or -1. */
function matchFrom(steps: readonly Step[], words: readonly string[], from: number): number {
  let at = from - 1;
  for (const step of steps) {
    const last = Math.min(words.length - 1, at + 1 + step.gap);
    let next = at + 1;
    while (next <= last && !fits(step, words[next] as string)) next++;
    if (next > last) return -1;
    at = next;
  }
  return at;
}

const fits = ({ words, stems }: Step, word: string): boolean =>
  words.has(word) || stems.some((stem) => word.startsWith(stem));
