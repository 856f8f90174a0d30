/** The relations of a catalog that a text speaks of without writing their names: "customer of order 4312" means orders. */
import { folded } from './folding.ts';
import { listOf, tableOf } from './lexicon.ts';
import { FUNCTION_WORDS, PURPOSES } from './lexicons.ts';

/** Words by what they are called together. */
const THINGS: ReadonlyMap<string, string> = new Map(
  tableOf('things').flatMap(([thing, , words]) => listOf(words).map((word) => [word, thing] as const)),
);

/** Whether a word is one for what relations hold. */
export const isThing = (word: string): boolean => formsOf(word).some((form) => THINGS.has(form));

/** Between a thing and its number. */
const NUMBERED = /^(no|nr|num|number|nummer|numero|id|n|numbered)$/;
const HAS_DIGITS = /\d/;
/** Whoever does this is who asks, not what is asked about. */
const SPEAKS =
  /^(ask|say|call|want|complain|report|wonder|claim|wait|need|frag|ruf|melde|beschwer|mochte|wartet|demand|appell|attend|veut|pregunt|pid|llam|quier|espera|chied|chiam|vuole|aspetta|pergunt|liga|quer|vraagt|belt|wil|wacht)/;
const SPEAKS_WITHIN = 5;

interface Mention {
  /** What it stands for: a thing, or itself in the singular. */
  readonly thing: string;
  readonly at: number;
}

/** Names of `catalog`, as they stand there; the fewest that the text needs. */
export function spokenRelations(words: readonly string[], catalog: readonly string[]): readonly string[] {
  const mentions = words.flatMap((word, at): readonly Mention[] =>
    isNoun(word) ? [{ thing: thingOf(word), at }] : [],
  );
  const asked = mentions.filter(({ at }) => !isSpeaker(words, at));
  const ofNumber = (at: number) => hasNumber(words, at) || numberFollows(words, at);
  const numbered = mentions.some(({ at }) => hasNumber(words, at))
    ? mentions.filter((each) => hasNumber(words, each.at) || (asked.includes(each) && ofNumber(each.at)))
    : [];
  for (const some of [
    numbered,
    asked.filter(({ at }) => !PURPOSES.knows(words[at] as string)),
    asked,
    mentions,
  ]) {
    const found = named(new Set(some.map(({ thing }) => thing)), catalog);
    if (found.length > 0) return found;
  }
  return [];
}

/** Relations all of whose parts are meant; of those of one name, the ones of `public`. */
function named(things: ReadonlySet<string>, catalog: readonly string[]): readonly string[] {
  if (things.size === 0) return [];
  const found = catalog.filter((name) => partsOf(name).every((part) => things.has(thingOf(part))));
  const inPublic = new Set(found.filter((name) => name.startsWith('public.')).map(lastPart));
  return found.filter((name) => name.startsWith('public.') || !inPublic.has(lastPart(name)));
}

const lastPart = (name: string): string => folded(name.slice(name.lastIndexOf('.') + 1));
const partsOf = (name: string): readonly string[] =>
  lastPart(name)
    .split(/[_\s-]+/)
    .filter((part) => part !== '');

const thingOf = (word: string): string => {
  for (const form of formsOf(word)) {
    const thing = THINGS.get(form);
    if (thing !== undefined) return thing;
  }
  return formsOf(word).at(-1) as string;
};

/** The word, and what it may be the plural of, the shortest last. */
function formsOf(word: string): readonly string[] {
  const forms = [word];
  if (/ies$/.test(word)) forms.push(`${word.slice(0, -3)}y`);
  else if (/(s|x|z|ch|sh)es$/.test(word)) forms.push(word.slice(0, -2));
  else if (/(en|nen)$/.test(word)) forms.push(word.replace(/n?en$/, ''), word.slice(0, -1));
  else if (/[^s]s$/.test(word)) forms.push(word.slice(0, -1));
  return forms;
}

const LEAST_LETTERS = 3;
const OFTEN: ReadonlySet<string> = new Set(Object.values(FUNCTION_WORDS).flatMap((words) => [...words]));
const isNoun = (word: string): boolean =>
  word.length >= LEAST_LETTERS && !HAS_DIGITS.test(word) && !OFTEN.has(word);

function hasNumber(words: readonly string[], at: number): boolean {
  const next = NUMBERED.test(words[at + 1] ?? '') ? at + 2 : at + 1;
  return /^[a-z]{0,4}\d/.test(words[next] ?? '');
}

const OF =
  /^(of|for|from|on|in|von|vom|zu|zur|der|des|de|du|del|della|do|da|di|para|per|pour|van|voor|the|die|das|la|le|el)$/;

/** "the items of order 4312". */
function numberFollows(words: readonly string[], at: number): boolean {
  let next = at + 1;
  while (OF.test(words[next] ?? '')) next++;
  return next > at + 1 && hasNumber(words, next);
}

/** "the customer of order 4312 asks": who it is that asks comes before it, and nobody else does in between. */
function isSpeaker(words: readonly string[], at: number): boolean {
  return words.slice(at + 1, at + 1 + SPEAKS_WITHIN).some((word) => SPEAKS.test(word));
}
