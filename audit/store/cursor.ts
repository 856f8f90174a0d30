/** A cursor is the key of a page's last item. @throws RangeError for a cursor that is none of the kind */
export function readCursor<T extends readonly (string | number)[]>(
  cursor: string | undefined,
  ...kinds: { readonly [K in keyof T]: RegExp | 'number' }
): T | null {
  if (cursor === undefined) return null;
  const key = parsed(cursor);
  const fits =
    Array.isArray(key) &&
    key.length === kinds.length &&
    kinds.every((kind, index) => {
      const value: unknown = key[index];
      return kind === 'number' ? Number.isFinite(value) : typeof value === 'string' && kind.test(value);
    });
  if (!fits) throw new RangeError('the cursor is not one of this list');
  return key as unknown as T;
}

export const cursorOf = (...key: readonly (string | number)[]): string => JSON.stringify(key);

/** An event's time as it stands in the trail. */
export const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
export const DAY = /^\d{4}-\d\d-\d\d$/;
export const NAME = /^[^\0]{1,200}$/;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A page of rows of which one more was asked for than fits on it. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  item: (row: Row) => Item,
  cursor: (row: Row) => string,
): { readonly items: readonly Item[]; readonly next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? cursor(last) : null;
  return { items: shown.map(item), next };
}
