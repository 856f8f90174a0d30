/** Whether each sentence of a text is one that a request consists of; what is not, a person has to look at. */
import { Lexicon } from './lexicon.ts';
import { ACTION_WORDS, CIRCUMSTANCES, FUNCTION_WORDS, isKnownWord, PURPOSES } from './lexicons.ts';
import { meansRelation } from './relations.ts';
import { isThing } from './spoken-relations.ts';
import { wordsOf } from './words.ts';

const COURTESIES = new Lexicon('courtesies');
/** What a request is made of. */
const MATTER = [PURPOSES, ACTION_WORDS];
/** Shorter ones are names, numbers and cries. */
const LEAST_WORDS = 4;
/** As many that no lexicon knows are in another language. */
const LEAST_UNKNOWN = 3;
/** Of shorter sentences the language is hard to tell. */
const LEAST_FOR_LANGUAGE = 5;
/** Least share of words that one language and the lexicons know. */
const LEAST_KNOWN = 0.4;

export interface Remarks {
  /** Some sentence is in no language that is read, or in another than the rest. */
  readonly foreign: boolean;
  /** Some sentence has nothing of a request. */
  readonly beside: boolean;
  /** A few words stand alone that are no courtesy and no part of a request. */
  readonly stray: boolean;
  /** Somebody is spoken to, otherwise than by the usual courtesies. */
  readonly addressed: boolean;
}

export function remarksIn(text: string): Remarks {
  const sentences = text
    .split(/[.!?;:\n—–…|]+(?=\s|$)|\s[-–—]+\s/)
    .map((sentence) => wordsOf(sentence.replace(REFERENCE, ' '), isKnownWord).words)
    .filter((words) => words.some(isPlain));
  const languages = sentences
    .filter((words) => !isCourteous(words))
    .map((words) => words.filter(isPlain))
    .filter((words) => words.length >= LEAST_FOR_LANGUAGE)
    .map(languageOf)
    .filter((language) => language !== UNTOLD);
  return {
    foreign:
      isMostlyOtherScript(text) ||
      languages.includes(null) ||
      new Set(languages).size > 1 ||
      sentences.some(isUnknown),
    beside: sentences.some((words) => words.filter(isPlain).length >= LEAST_WORDS && !hasMatter(words)),
    stray: sentences.some(isStray),
    addressed: sentences.some(isAddressed),
  };
}

const isUnknown = (words: readonly string[]): boolean => {
  const plain = words.filter(isPlain);
  return plain.length >= LEAST_UNKNOWN && plain.every((word) => !isKnownWord(word) && !isOften(word));
};

const isStray = (words: readonly string[]): boolean => {
  const plain = words.filter(isPlain);
  return plain.length < LEAST_WORDS && !plain.every(isOften) && !plain.some(isThing) && !hasMatter(words);
};

const isOften = (word: string): boolean =>
  Object.values(FUNCTION_WORDS).some((frequent) => frequent.has(word));

/** Of a ticket, as people name them: `INC-4312`. */
const REFERENCE = /(?<![\p{L}\p{N}])\p{Lu}[\p{Lu}\p{N}]{1,9}-?\d+(?![\p{L}\p{N}])/gu;

/** Neither a name with a dot nor a number. */
const isPlain = (word: string): boolean => /^\p{L}[\p{L}\p{M}]*$/u.test(word);

const isName = (word: string): boolean => /^[\p{L}_][\w$]*\.\w|^pg_/u.test(word);

const hasMatter = (words: readonly string[]): boolean =>
  words.some(isName) ||
  meansRelation(words) ||
  MATTER.some((lexicon) => lexicon.hasAny(words)) ||
  CIRCUMSTANCES.hits(words).some(({ concept }) => !OF_ANYTHING.has(concept)) ||
  isCourteous(words);

/** Circumstances that a sentence about anything at all can have. */
const OF_ANYTHING: ReadonlySet<string> = new Set(['narrows', 'aboutOne', 'vague']);

/** Whether most of a sentence is courtesy: people add theirs in other languages. */
function isCourteous(words: readonly string[]): boolean {
  const places = COURTESIES.hits(words)
    .filter(({ concept }) => concept === 'courtesy')
    .flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index));
  return 2 * new Set(places).size >= words.length;
}

function isAddressed(words: readonly string[]): boolean {
  const hits = COURTESIES.hits(words);
  const courteous = hits.filter(({ concept }) => concept === 'courtesy');
  return hits
    .filter(({ concept }) => concept === 'reader')
    .some(({ from }) => !courteous.some((courtesy) => courtesy.from <= from && from <= courtesy.to));
}

/** Known words, none of which tells the language. */
const UNTOLD = '';

/** The language that has most of the words; null: none has enough. */
function languageOf(words: readonly string[]): string | null {
  const known = words.filter((word) => isKnownWord(word)).length;
  if (known / words.length < LEAST_KNOWN) return null;
  const counts = Object.entries(FUNCTION_WORDS).map(([language, frequent]) => ({
    language,
    count: words.filter((word) => frequent.has(word)).length,
  }));
  const best = counts.reduce((most, each) => (each.count > most.count ? each : most));
  return best.count === 0 ? UNTOLD : best.language;
}

function isMostlyOtherScript(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  return letters > 0 && latin / letters < 0.9;
}
