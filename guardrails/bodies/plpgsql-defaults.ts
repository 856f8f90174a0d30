/**
 * Defaults of variables of composite types, `r public.t := (SELECT ...)`: they run, and the parser's output leaves them
 * out. Found in the source by PostgreSQL's own scanner.
 */
import { type ScanToken, scanSync } from 'libpg-query';

/** The expressions that variables of these names are declared with. */
export function defaultsOf(source: string, names: ReadonlySet<string>): readonly string[] {
  if (names.size === 0) return [];
  const tokens = scanSync(source).tokens.filter(({ tokenName }) => !tokenName.endsWith('_COMMENT'));
  const bytes = Buffer.from(source); // the scanner counts them
  return tokens.flatMap((token, index) => {
    if (!names.has(identifier(token)) || !beginsDeclaration(tokens, index)) return [];
    const rest = declaration(tokens.slice(index + 1));
    const sign = rest.findIndex((each) => SIGNS.has(each.text.toLowerCase()));
    return sign < 0 ? [] : [bytes.toString('utf8', rest[sign]!.end, rest.at(-1)!.end)];
  });
}

const SIGNS: ReadonlySet<string> = new Set([':=', '=', 'default']);

const identifier = ({ text }: ScanToken): string =>
  text.startsWith('"')
    ? text.slice(1, -1).replaceAll('""', '"')
    : text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** A statement that begins with a variable's name goes on with an assignment, or with a part of the variable. */
const beginsDeclaration = (tokens: readonly ScanToken[], index: number): boolean => {
  const before = tokens[index - 1]?.text.toLowerCase();
  const after = tokens[index + 1]?.text;
  return (before === 'declare' || before === ';') && !STATEMENT.has(after ?? ';');
};

const STATEMENT: ReadonlySet<string> = new Set([':=', '=', '.', '[', ';']);

/** Up to the semicolon that ends it. */
const declaration = (tokens: readonly ScanToken[]): readonly ScanToken[] => {
  let depth = 0;
  const end = tokens.findIndex(({ text }) => {
    if (text === '(' || text === '[') depth++;
    if (text === ')' || text === ']') depth--;
    return text === ';' && depth === 0;
  });
  return tokens.slice(0, end < 0 ? undefined : end);
};
