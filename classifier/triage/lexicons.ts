/** The lexicons that come with Postern, and what they know together. */
import { Lexicon } from './lexicon.ts';

/** What is to be done. */
export const ACTION_WORDS: Lexicon = new Lexicon('actions');
/** What for: concepts are named after intents. */
export const PURPOSES: Lexicon = new Lexicon('purposes');
/** Attempts to influence whoever decides, and purposes that no policy grants. */
export const MANNERS: Lexicon = new Lexicon('manners');
/** What else a decision hangs on. */
export const CIRCUMSTANCES: Lexicon = new Lexicon('circumstances');

const ALL = [ACTION_WORDS, PURPOSES, MANNERS, CIRCUMSTANCES];

/** The most frequent words of the languages that the lexicons are in, which are no others mistyped. */
export const FUNCTION_WORDS: Readonly<Record<string, ReadonlySet<string>>> = Object.fromEntries(
  Object.entries({
    en: 'the a an of to in on for where and or is are was with from by at this that it i we my our need needs please be as has have not into its their which who what when how before after but so then them there only all any new one can may will would could should want like you your if no since until via per each more than just about during over under out up do does did',
    de: 'der die das den dem des ein eine einen einem einer und oder ist sind war mit von vom zu zum zur im in auf fur bitte ich wir mein unser nicht kein keine nur aus bei nach vor uber es sich als auch noch wird werden kann muss brauche benotige haben hat wie was wer an am bis seit durch um alle diese dieser',
    fr: 'le la les l un une des du de d et ou est sont avec pour par sur dans en au aux je nous mon ma mes notre ce cette ces qui que ne pas il elle on a ai besoin merci svp se son sa ses leur plus avant apres depuis',
    es: 'el la los las un una unos de del y o es son con para por sobre en a al yo mi mis nuestro este esta estos que no se su sus lo le mas necesito quiero favor antes despues desde hasta hay ser esta como',
    it: 'il lo la i gli le un uno una di del della dei delle e o con per su in da al alla che non si mio mia ho bisogno serve vorrei prima dopo come questo questa sono',
    pt: 'o a os as um uma de do da dos das e ou com para por em no na nos nas que nao se meu minha preciso quero antes depois como este esta sao ao',
    nl: 'de het een van en of is zijn met voor op in aan ik wij we mijn ons niet geen alleen uit bij naar om te dat die dit deze nodig graag wil kan moet hebben heeft als ook nog door over wie',
  }).map(([language, words]) => [language, new Set(words.split(' '))]),
);

const VOCABULARY: ReadonlySet<string> = new Set([
  ...ALL.flatMap((lexicon) => [...lexicon.vocabulary]),
  ...Object.values(FUNCTION_WORDS).flatMap((words) => [...words]),
]);

/** Answers of before: most words of a request are those of others. */
const remembered = new Map<string, boolean>();
const MOST_REMEMBERED = 20_000;

export function isKnownWord(word: string): boolean {
  const before = remembered.get(word);
  if (before !== undefined) return before;
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  const known = VOCABULARY.has(word) || ALL.some((lexicon) => lexicon.knows(word));
  remembered.set(word, known);
  return known;
}
