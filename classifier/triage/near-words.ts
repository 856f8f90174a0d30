/** Words that are one letter away from a known one: added, left out, or another in its place. */

/** Shorter ones are too near to each other. */
const LEAST_LETTERS = 6;
const MOST_LETTERS = 24;

export class NearWords {
  /** By what is left of them without one letter. */
  readonly #known = new Map<string, string>();

  constructor(words: Iterable<string>) {
    for (const word of words)
      if (word.length >= LEAST_LETTERS) for (const rest of lessOne(word)) this.#known.set(rest, word);
  }

  /** The known word; undefined: there is none. */
  nearest(word: string): string | undefined {
    if (word.length < LEAST_LETTERS || word.length > MOST_LETTERS) return undefined;
    return lessOne(word)
      .map((rest) => this.#known.get(rest))
      .find((known) => known !== undefined);
  }
}

const lessOne = (word: string): readonly string[] => [
  word,
  ...Array.from(word, (_, at) => word.slice(0, at) + word.slice(at + 1)),
];
