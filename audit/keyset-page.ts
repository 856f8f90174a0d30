import type { Page, PageRequest } from './trail-source.ts';

/**
 * A page of a list that is at hand, in the order of keys, the least first. The cursor is the key of its last item, so
 * that what comes or goes meanwhile moves nothing else.
 * @throws RangeError for a cursor that is none
 */
export function keysetPage<T>(
  all: readonly T[],
  keyOf: (item: T) => readonly (number | string)[],
  { limit, cursor }: PageRequest,
): Page<T> {
  const after = cursor === undefined ? null : readKey(cursor);
  const keyed = all
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => after === null || compare(key, after) > 0)
    .toSorted((one, other) => compare(one.key, other.key));
  const taken = keyed.slice(0, limit);
  const last = taken.at(-1);
  const next = keyed.length > limit && last !== undefined ? JSON.stringify(last.key) : null;
  return { items: taken.map(({ item }) => item), next };
}

function readKey(cursor: string): readonly (number | string)[] {
  try {
    const key: unknown = JSON.parse(cursor);
    if (Array.isArray(key) && key.every((part) => typeof part === 'string' || typeof part === 'number'))
      return key;
  } catch {
    // said below
  }
  throw new RangeError('the cursor is not one of this list');
}

function compare(one: readonly (number | string)[], other: readonly (number | string)[]): number {
  for (const [i, part] of one.entries()) {
    const against = other[i] ?? '';
    if (part !== against) return part < against ? -1 : 1;
  }
  return 0;
}
