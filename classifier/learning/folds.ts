/** Folds that never divide a group: what is learnt from one source, tool or scenario is tried on others. */

/** The fold of each group: largest first, each to the fold that has the least so far. */
export function foldsOf(groups: readonly string[], count: number): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const loads = new Array<number>(count).fill(0);
  const folds = new Map<string, number>();
  for (const [group, size] of [...sizes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))) {
    const fold = loads.indexOf(Math.min(...loads));
    folds.set(group, fold);
    loads[fold] = (loads[fold] as number) + size;
  }
  return folds;
}

/** Bad and harmless groups are dealt out apart, so that each fold has some of both. */
export function dealt<Item>(
  items: readonly Item[],
  groupOf: (item: Item) => string,
  isBad: (item: Item) => boolean,
  count: number,
): Uint8Array {
  const bad = foldsOf(items.filter(isBad).map(groupOf), count);
  const harmless = foldsOf(items.filter((item) => !isBad(item)).map(groupOf), count);
  return Uint8Array.from(items, (item) => (isBad(item) ? bad : harmless).get(groupOf(item)) as number);
}
