/** What an extension's functions do: reviewed data for those of PostgreSQL 13-18. */
import { guardedExtensions, harmlessExtensions } from './data/extensions.ts';

const harmless: ReadonlySet<string | null> = new Set(words(harmlessExtensions));

const reasons: ReadonlyMap<string, string> = new Map(
  Object.entries(guardedExtensions).flatMap(([why, names]) =>
    words(names).map((name) => [name, `the extension ${name} ${why}`] as const),
  ),
);

/**
 * True if calling any of its functions needs no grant. False for `null` (of no extension) and for extensions nobody has
 * reviewed, or that are too big to be (postgis): their functions need `execute` by name.
 */
export function isHarmlessExtension(name: string | null): boolean {
  return harmless.has(name);
}

/** Why its functions need a grant, for the text of a denial; null if nobody has reviewed it. */
export function extensionReason(name: string | null): string | null {
  return (name !== null && reasons.get(name)) || null;
}

/** The reviewed lists as they stand: the harmless ones, and the others. */
export function extensionLists(): readonly (readonly ['harmless' | 'guarded', readonly string[]])[] {
  return [
    ['harmless', words(harmlessExtensions)],
    ['guarded', Object.values(guardedExtensions).flatMap(words)],
  ];
}

function words(list: string): readonly string[] {
  return list.trim().split(/\s+/);
}
