/**
 * One pattern of a scope: `schema.name`, perhaps with columns or argument types, or a plain word. Unquoted parts are
 * folded to lower case and may hold `*`, quoted parts are taken as they are.
 */
import type { Literal } from './pattern-index.ts';

export interface NamePart {
  /** As names are kept: folded, or without its quotes. */
  readonly text: string;
  /** It stands for one name: a `*` in it is no wildcard. */
  readonly literal: boolean;
  readonly matches: RegExp;
}

export interface ScopePattern {
  /** null: a plain word, which `name` is as a whole. */
  readonly schema: NamePart | null;
  readonly name: NamePart;
  /** Columns of a relation, argument types of a function; null: none are given. */
  readonly inner: readonly string[] | null;
  readonly literal: Literal;
}

const FORM =
  /^(?<schema>"(?:[^"]|"")+"|[^".()\s]+)\.(?<name>"(?:[^"]|"")+"|[^".()\s]+)\s*(?:\((?<inner>.*)\))?$/su;

/** `*` is `*.*`. What reads as neither that nor `schema.name[(...)]` is a plain word, perhaps with `*`. */
export function parsePattern(text: string): ScopePattern {
  const source = text.trim() === '*' ? '*.*' : text.trim();
  const named = namedIn(source);
  if (named === null)
    return { schema: null, name: plain(source), inner: null, literal: { schema: null, name: null } };
  const schema = part(named.schema);
  const name = part(named.name);
  const inner = named.inner === undefined ? null : listOf(named.inner);
  return { schema, name, inner, literal: { schema: literalOf(schema), name: literalOf(name) } };
}

/** The parts of `schema.name[(...)]` as written, quotes and all; null for anything else. */
export function namedIn(
  text: string,
): { readonly schema: string; readonly name: string; readonly inner: string | undefined } | null {
  const groups = FORM.exec(text)?.groups;
  return groups ? { schema: groups.schema ?? '', name: groups.name ?? '', inner: groups.inner } : null;
}

/** Everything of any kind. */
export const isEverything = ({ schema, name, inner }: ScopePattern): boolean =>
  schema !== null && isAny(schema) && isAny(name) && inner === null;

/**
 * One of a scope that excludes objects (`!` and a pattern). Beside such a one neither `admin` nor `execute` on everything
 * means what reaches the excluded, too: code that nobody follows (DO, new functions, SQL in a string, functions of C or of
 * computed SQL), files and programs, doors to other servers. Those have to be given by name, functions at least by that of
 * their schema.
 */
export const excludesObjects = (text: string): boolean =>
  text.startsWith('!') && parsePattern(text.slice(1)).schema !== null;

export const isAny = ({ text, literal }: NamePart): boolean => !literal && /^\*+$/.test(text);

/** A part without its quotes, not folded. */
export const unquoted = (text: string): string =>
  text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;

/** `id, "Full Name"` or `integer, numeric(10,2)`: split at commas outside quotes and parentheses, folded like SQL. */
export const listOf = (text: string): string[] =>
  [...text.matchAll(ITEM)]
    .map(([item]) => item.trim())
    .filter((item) => item !== '')
    .map((item) => (/^".*"$/su.test(item) ? unquoted(item) : fold(item)));

const ITEM = /(?:"(?:[^"]|"")*"|\([^)]*\)|[^,])+/gsu;

const part = (text: string): NamePart => (text.startsWith('"') ? exactly(unquoted(text)) : glob(fold(text)));

const exactly = (text: string): NamePart => ({
  text,
  literal: true,
  matches: new RegExp(`^${escaped(text)}$`, 'su'),
});

const glob = (text: string): NamePart => ({
  text,
  literal: !text.includes('*'),
  matches: new RegExp(`^${globbed(text)}$`, 'su'),
});

/** In a plain word, what is in quotes is no wildcard: `channel "a*b"`. */
const plain = (text: string): NamePart => {
  const parts = text.split(/("(?:[^"]|"")*")/);
  const pattern = parts.map((each, at) => (at % 2 === 1 ? escaped(each) : globbed(each))).join('');
  const literal = parts.every((each, at) => at % 2 === 1 || !each.includes('*'));
  return { text, literal, matches: new RegExp(`^${pattern}$`, 'su') };
};

const globbed = (text: string): string => text.split('*').map(escaped).join('.*');

const literalOf = ({ text, literal }: NamePart): string | null => (literal ? text : null);

const fold = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
