import type { Need, SpooledEvent } from './events.ts';
import { matches } from './filter.ts';
import type { EventSearch } from './trail-source.ts';

/**
 * What an event is found by, as short texts that a search asks for all together: `word:orders`, `action:select`,
 * `relation:public.orders`, `principal:alice` ... A store indexes them; a reader of files makes them as it goes.
 */
export function termsOf(event: SpooledEvent): readonly string[] {
  const terms = new Set<string>([term('type', event.type)]);
  for (const name of MEMBERS) {
    const value = member(event, name);
    if (typeof value === 'string') terms.add(term(name, value));
  }
  for (const { action, resource } of needsOf(event)) {
    terms.add(term('action', action));
    terms.add(term('relation', relationOf(resource)));
  }
  for (const word of wordsOf(event)) terms.add(term('word', word));
  return [...terms];
}

/** Terms that an event has to have all; `types` and times, of which one does or which are no terms, are not among them. */
export function wantedTerms(search: Omit<EventSearch, 'limit' | 'order'>): readonly string[] {
  const terms = MEMBERS.flatMap((name) => (search[name] === undefined ? [] : [term(name, search[name])]));
  if (search.action !== undefined) terms.push(term('action', search.action));
  if (search.relation !== undefined) terms.push(term('relation', search.relation));
  for (const word of wordsIn(search.text ?? '')) terms.push(term('word', word));
  return terms;
}

/** Whether an event is one of those that a search is for, be it on this page or another. */
export function isFound(event: SpooledEvent, search: Omit<EventSearch, 'limit' | 'order'>): boolean {
  if (!matches(event, search)) return false;
  if (search.risk !== undefined && !(riskOf(event) !== null && (riskOf(event) ?? 0) >= search.risk))
    return false;
  const wanted = wantedTerms(search);
  if (wanted.length === 0) return true;
  const terms = new Set(termsOf(event));
  return wanted.every((each) => terms.has(each));
}

/** In [0, 1]: the score of an alarm; of a statement or of its session, whichever raised it. null: it has none, or is none. */
export function riskOf(event: SpooledEvent): number | null {
  if (event.type !== 'risk.flag') return null;
  return event.cause === 'session' ? event.sessionScore : event.score;
}

export const term = (kind: string, value: string): string =>
  `${kind}:${value.slice(0, LONGEST).replaceAll(/[\n\0]/g, ' ')}`;

/** Letters, digits and underscores that stand together, of any script, in lower case: a word of a text. */
export function* wordsIn(text: string): Iterable<string> {
  for (const [word] of text.slice(0, SEARCHED).matchAll(WORD)) yield word.toLowerCase().slice(0, LONGEST);
}

const WORD = /[\p{L}\p{M}\p{N}_]+/gu;
/** UTF-16 units of a word, or a name, that count. */
const LONGEST = 200;
/** UTF-16 units of a text that are searched. A statement of megabytes is rows, and the same words again. */
const SEARCHED = 32 * 1024;
/** Different words of one event. */
const MOST_WORDS = 1_000;

const MEMBERS = ['grant', 'session', 'principal', 'database', 'decision'] as const;

/** Members whose words count: what people, or their programs, have written, and what they were told. */
const TEXTS = [
  ...['type', 'sql', 'text', 'reason', 'reasons', 'detail', 'message', 'comment', 'note', 'fault', 'cause'],
  ...['ticket', 'principal', 'application', 'account', 'by', 'request', 'hold', 'alarm', 'tag', 'sqlstate'],
] as const;

function wordsOf(event: SpooledEvent): ReadonlySet<string> {
  const words = new Set<string>();
  for (const name of TEXTS) {
    const value = member(event, name);
    const texts = Array.isArray(value) ? value : [value];
    for (const text of texts) {
      if (typeof text !== 'string') continue;
      for (const word of wordsIn(text)) if (words.size < MOST_WORDS) words.add(word);
    }
  }
  return words;
}

const member = (event: SpooledEvent, name: string): unknown =>
  (event as unknown as Readonly<Record<string, unknown>>)[name];

const needsOf = (event: SpooledEvent): readonly Need[] => (event.type === 'statement' ? event.needs : []);

/** `public.orders` of `public.orders(id,note)`: up to a parenthesis that is not within quotes. */
function relationOf(resource: string): string {
  const [name = resource] = /^(?:"(?:[^"]|"")*"|[^"(])*/.exec(resource) ?? [];
  return name;
}
