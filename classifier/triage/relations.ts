/** The relations that a request is about: those that are named, of those that are asked for or that there are. */
import { isSystemRelation } from './data-classes.ts';
import { folded } from './folding.ts';
import { KnownNames, lastPart } from './known-names.ts';
import { listOf, tableOf } from './lexicon.ts';
import { spokenRelations } from './spoken-relations.ts';

export interface Named {
  /** As the catalog or the request spells it. */
  readonly relations: readonly string[];
  readonly functions: readonly string[];
}

const PHRASES = [...Map.groupBy(tableOf('relations'), ([concept]) => concept).values()].map((rows) => {
  const of = (kind: string) => rows.filter((row) => row[1] === kind).flatMap((row) => listOf(row[2]));
  return { is: of('is'), like: of('like'), says: of('says') };
});

/** Ends of names of files, hosts and mail addresses. */
const NO_RELATION =
  /\.(com|org|net|io|dev|app|invalid|example|local|internal|eu|de|fr|uk|co|csv|xlsx?|pdf|sql|py|js|ts|sh|txt|md|json|ya?ml|log|zip|gz|html?|png|docx?)$/;
const NAME =
  /(?<![\w@/.-])([`"]?[\p{L}_][\p{L}\p{N}_$]*[`"]?(?:\.[`"]?[\p{L}_][\p{L}\p{N}_$]*[`"]?){0,3})(\(\s*[\w\s,]*\))?(?![@/])/gu;

/** Names as they stand in a text: qualified ones, system relations, and calls. */
function candidatesIn(text: string): Named {
  const relations = new Set<string>();
  const functions = new Set<string>();
  for (const [whole, name = '', call] of text.matchAll(NAME)) {
    const bare = name.replace(/[`"]/g, '').toLowerCase();
    if (call !== undefined && /[\w]\(/.test(whole)) functions.add(`${bare}()`);
    else if (!NO_RELATION.test(bare) && (bare.includes('.') || bare.includes('_') || name.startsWith('`')))
      relations.add(bare);
  }
  return { relations: [...relations], functions: [...functions] };
}

/**
 * `asked`: what the request names; `*` and patterns name nothing. What is asked and not meant by the text is left out; what
 * the text names beyond it counts only where nothing particular is asked.
 */
export function namedIn(
  text: string,
  words: readonly string[],
  asked: readonly string[],
  catalog: readonly string[],
): Named {
  const particular = asked.filter((name) => !name.includes('*') && name !== '');
  const relations = particular.filter((name) => !name.endsWith(')'));
  const functions = particular.filter((name) => name.endsWith(')'));
  const { relations: spelled, functions: called } = candidatesIn(text);
  const known = new KnownNames([...relations, ...catalog]);
  const explicit = spelled.flatMap((name) => known.resolved(name));
  const meant = phrasesIn(words).flatMap((phrase) => meantBy(phrase, particular, catalog));
  const plain = [...new Set([...explicit, ...meant])];
  const found =
    plain.length > 0
      ? plain
      : particular.length > 0
        ? spokenOf(words, relations)
        : spokenRelations(words, catalog);
  return {
    relations: particular.length > 0 ? within(found, relations) : orSpelled(found, spelled),
    functions:
      functions.length > 0 ? functions.filter((name) => called.some((each) => isSame(each, name))) : called,
  };
}

const within = (found: readonly string[], relations: readonly string[]): readonly string[] =>
  relations.filter((name) => found.includes(name) || isSystemRelation(name));

function orSpelled(found: readonly string[], spelled: readonly string[]): readonly string[] {
  const qualified = spelled.filter((name) => name.includes('.') || isSystemRelation(name)).map(relationOf);
  return found.length > 0 ? found : [...new Set(qualified)];
}

/** Without the column. */
const relationOf = (name: string): string => name.split('.').slice(0, 2).join('.');

const isSame = (called: string, asked: string): boolean => {
  const [one, other] = [called, asked.toLowerCase()].map((name) => name.replace(/\(.*$/, ''));
  return one === other || (other as string).endsWith(`.${one}`) || (one as string).endsWith(`.${other}`);
};

function spokenOf(words: readonly string[], relations: readonly string[]): readonly string[] {
  const spoken = relations.filter((name) => isSpoken(name, words));
  return spoken.length > 0 ? spoken : spokenRelations(words, relations);
}

/** Whether a text without qualified names speaks of the relation: its name, in words, in singular or plural. */
function isSpoken(relation: string, words: readonly string[]): boolean {
  const last = folded(lastPart(relation));
  const parts = last.split('_');
  const spoken = (part: string) =>
    words.some((word) => word === part || `${word}s` === part || word === `${part}s`);
  return words.includes(last) || parts.every(spoken);
}

/** Whether a phrase stands for a relation: "the audit log". */
export const meansRelation = (words: readonly string[]): boolean => phrasesIn(words).length > 0;

function phrasesIn(words: readonly string[]): readonly (typeof PHRASES)[number][] {
  const text = ` ${words.join(' ')} `;
  return PHRASES.filter(({ says }) => says.some((phrase) => text.includes(` ${phrase} `)));
}

function meantBy(
  { is, like }: (typeof PHRASES)[number],
  asked: readonly string[],
  catalog: readonly string[],
): readonly string[] {
  const alike = (names: readonly string[]) =>
    names.filter(
      (name) =>
        is.includes(lastPart(name)) ||
        is.includes(name.toLowerCase()) ||
        like.some((word) => name.toLowerCase().includes(word)),
    );
  const found = alike(asked);
  if (found.length > 0 || asked.length > 0) return found;
  const there = alike(catalog);
  return there.length > 0 ? there : is.slice(0, 1);
}
