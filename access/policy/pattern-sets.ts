/** What the patterns of two scopes have in common, of one action. Sound for whatever there may be to name. */
import {
  isEverything,
  type NamePart,
  namedIn,
  parsePattern,
  type ScopePattern,
} from '../../guardrails/scope-pattern.ts';
import type { GrantAction } from '../../guardrails/types.ts';

/** `text` names nothing that `outer` does not name. */
export function isWithin(action: GrantAction, text: string, outer: string): boolean {
  const [inner, other] = [parsePattern(text), parsePattern(outer)];
  return placeWithin(inner, other) && sameList(sharedList(action, inner, other), inner.inner);
}

/** There may be something that both name. */
export function mayMeet(action: GrantAction, text: string, other: string): boolean {
  const [one, two] = [parsePattern(text), parsePattern(other)];
  return placesMeet(one, two) && sharedList(action, one, two) !== undefined;
}

/** A pattern for what both name, or for less; null: for nothing, as far as patterns can say. */
export function common(action: GrantAction, text: string, other: string): string | null {
  const [one, two] = [parsePattern(text), parsePattern(other)];
  const list = sharedList(action, one, two);
  const oneWithin = placeWithin(one, two);
  if (list === undefined || !(oneWithin || placeWithin(two, one))) return null;
  const [narrower, written] = oneWithin ? [one, text] : [two, other];
  return sameList(list, narrower.inner) ? written : withList(written, list ?? []);
}

/** It stands for one name alone, wherever that leads: see ScopeLine.followed. */
export const isNamed = (text: string): boolean => parsePattern(text).name.literal;

/** It stands for what one schema holds: of functions that is as good as a name, see CompiledScope.runs. */
export const namesSchema = (text: string): boolean => parsePattern(text).schema?.literal === true;

/** Relations of a system schema are allowed only to whom it is named. */
export function namesSystemSchema(text: string): boolean {
  const { schema } = parsePattern(text);
  return schema?.literal === true && /^(pg_|information_schema$)/.test(schema.text);
}

/** Columns or argument types that two patterns of one place share; null: all; undefined: none. */
const sharedList = (
  action: GrantAction,
  { inner: one }: ScopePattern,
  { inner: two }: ScopePattern,
): readonly string[] | null | undefined => {
  if (one === null || two === null) return one ?? two;
  if (action === 'execute') return sameList(one, two) ? one : undefined;
  const shared = one.filter((column) => two.includes(column));
  return shared.length > 0 ? shared : undefined;
};

const sameList = (one: readonly string[] | null | undefined, other: readonly string[] | null): boolean =>
  one === other ||
  (one?.length === other?.length && one?.every((each, index) => each === other?.[index]) === true);

const withList = (text: string, list: readonly string[]): string => {
  const { schema, name } = namedIn(text.trim()) ?? { schema: '*', name: '*' };
  return `${schema}.${name}(${list.map(listed).join(', ')})`;
};

const listed = (text: string): string => (/[",A-Z]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const placeWithin = (inner: ScopePattern, outer: ScopePattern): boolean => {
  if (outer.schema === null) return inner.schema === null && partWithin(inner.name, outer.name);
  if (inner.schema === null) return isEverything(outer);
  return partWithin(inner.schema, outer.schema) && partWithin(inner.name, outer.name);
};

/** A wildcard of the inner one can stand only where the outer one has a wildcard, too. */
const partWithin = (inner: NamePart, outer: NamePart): boolean =>
  outer.literal ? inner.literal && inner.text === outer.text : outer.matches.test(inner.text);

const placesMeet = (one: ScopePattern, two: ScopePattern): boolean => {
  if (one.schema !== null && two.schema !== null)
    return partsMeet(one.schema, two.schema) && partsMeet(one.name, two.name);
  if (one.schema === two.schema) return partsMeet(one.name, two.name);
  return isEverything(one) || isEverything(two);
};

const partsMeet = (one: NamePart, two: NamePart): boolean => {
  if (one.literal) return two.literal ? one.text === two.text : two.matches.test(one.text);
  return two.literal ? one.matches.test(two.text) : globsMeet(one.text, two.text);
};

/** Is there a text that both globs match? By the pairs of places in them that can be reached together. */
const globsMeet = (one: string, two: string): boolean => {
  const reached = new Set<string>();
  const reach = (i: number, j: number): boolean => {
    if (i === one.length && j === two.length) return true;
    const key = `${i} ${j}`;
    if (reached.has(key)) return false;
    reached.add(key);
    if (one[i] === '*') return reach(i + 1, j) || (j < two.length && reach(i, j + 1));
    if (two[j] === '*') return reach(i, j + 1) || (i < one.length && reach(i + 1, j));
    return i < one.length && one[i] === two[j] && reach(i + 1, j + 1);
  };
  return reach(0, 0);
};
