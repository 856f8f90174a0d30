/** Parse trees as libpg-query gives them: `{"SelectStmt": {...}}` for a node, plain fields within. */
export type Tree = { readonly [key: string]: unknown };

export type Fields = { readonly [key: string]: unknown };

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A node's kind: its one key. */
export function kindOf(node: unknown): string {
  if (isObject(node)) for (const key in node) return key;
  return '';
}

/** A node's fields if it is of that kind. */
export function as(node: unknown, kind: string): Fields | null {
  if (!isObject(node)) return null;
  const fields = node[kind];
  return isObject(fields) ? fields : null;
}

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const fieldsOf = (value: unknown): Fields => (isObject(value) ? value : NO_FIELDS);

const NO_FIELDS: Fields = {};

/** The words of a qualified name, folded to lower case: `[{"String": {"sval": "pg_catalog"}}, ...]`. */
export function wordsOf(names: unknown): readonly string[] {
  return listOf(names).map((name) => String(fieldsOf(as(name, 'String')).sval ?? '').toLowerCase());
}

const isKind = (key: string): boolean => {
  const code = key.charCodeAt(0);
  return code >= 65 && code <= 90;
};

/** Calls `visit` for each node below (and at) a value; where it says false, not for what is below that node. */
export function walk(
  value: unknown,
  visit: (kind: string, node: Fields, depth: number) => boolean,
  depth = 0,
): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, visit, depth);
    return;
  }
  if (!isObject(value)) return;
  for (const key in value) {
    const field = value[key];
    if (typeof field !== 'object' || field === null) continue;
    if (!isKind(key)) walk(field, visit, depth);
    else if (visit(key, field as Fields, depth)) walk(field, visit, depth + 1);
  }
}

/** Set operations have their arms as bare fields, not as nodes. */
export function armsOf(select: Fields): readonly Fields[] {
  const arms: Fields[] = [];
  const open = [select];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (isObject(next.larg) && isObject(next.rarg)) open.push(next.rarg, next.larg);
    else arms.push(next);
  }
  return arms;
}
