/**
 * Names that a database in another encoding than UTF8 reads otherwise than our parser does: it counts their bytes in its own
 * encoding before it cuts them at 63, and in one of single bytes folds unquoted letters beyond ASCII too (the server's
 * downcase_identifier and truncate_identifier).
 */
import type { Node } from './extract/nodes.ts';
import type { Names } from './names.ts';

/** NAMEDATALEN - 1, bytes. */
const LONGEST = 63;
/** Of a letter beyond ASCII, in the widest of the server's encodings. */
const MOST_BYTES = 4;

export function isDoubtful(name: string): boolean {
  const letters = [...name.replace(/[\0-\x7f]/g, '')];
  if (letters.length === 0 || Buffer.byteLength(name) > LONGEST) return false;
  const ascii = name.length - letters.join('').length;
  return (
    ascii + letters.length * MOST_BYTES > LONGEST - MOST_BYTES ||
    letters.some((letter) => letter.toLowerCase() !== letter)
  );
}

/**
 * Those in a parse tree, in whatever place: names of relations, of WITH queries, aliases. Literals are none, and what a
 * query calls its results by is for its reader.
 */
export function doubtfulNames(tree: unknown): readonly string[] {
  const found = new Set<string>();
  collect(tree, found);
  return [...found];
}

const collect = (part: unknown, found: Set<string>): void => {
  if (typeof part === 'string' && isDoubtful(part)) found.add(part);
  if (typeof part !== 'object' || part === null || 'A_Const' in part) return;
  const isQuery = 'limitOption' in part;
  for (const [field, child] of Object.entries(part))
    collect(isQuery && field === 'targetList' ? (child as readonly Node[]).map(unnamed) : child, found);
};

const unnamed = (node: Node): unknown => ('ResTarget' in node ? node.ResTarget.val : node);

/** May a text have such names? Most have not a letter beyond ASCII, nor an escape for one. */
export const mayBeDoubtful = (sql: string): boolean => /[^\0-\x7f]/.test(sql) || /u&"/i.test(sql);

/** Paths that hold such a name may be any. */
export const certainPaths = (paths: Names['paths']): Names['paths'] =>
  paths?.some((path) => path.some(isDoubtful)) ? null : paths;
