/** Names inside strings: regclass input, values of search_path. */

const NAME_PART = /^\s*(?:"((?:[^"]|"")+)"|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*))\s*([.,]?)/;

/** The parts of a dotted or comma-separated list of identifiers; null if it is not one. */
function identifiers(text: string, separator: '.' | ','): string[] | null {
  const parts: string[] = [];
  let rest = text;
  for (;;) {
    const match = NAME_PART.exec(rest);
    if (match === null) return null;
    parts.push(match[1]?.replaceAll('""', '"') ?? foldCase(match[2]!));
    rest = rest.slice(match[0].length);
    if (match[3] === '') return rest.trim() === '' ? parts : null;
    if (match[3] !== separator) return null;
  }
}

/** As the server folds unquoted identifiers in a multi-byte encoding: ASCII only. */
const foldCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** The parts of a relation's name in a string, as regclass input reads it; null if it is none (a number, say). */
export function relationName(text: string): readonly string[] | null {
  const parts = identifiers(text, '.');
  return parts === null || parts.length > 3 || parts.some(isCut) ? null : parts;
}

/** The value of search_path as a list of schemas; null if it can't be told. */
export function schemaList(value: string): readonly string[] | null {
  const schemas = value.trim() === '' ? [] : identifiers(value, ',');
  return schemas?.some(isCut) ? null : schemas;
}

/** Longer names are cut by the server (NAMEDATALEN), and then mean something else. */
export function isCut(name: string): boolean {
  return Buffer.byteLength(name) > 63;
}
