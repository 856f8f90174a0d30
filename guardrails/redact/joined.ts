/** Strings that are put together where they stand: `'pass' || 'word=x'`, and those that go on in the next line. */
import { contentOf, type Lexeme } from './lexemes.ts';

/** Those of which only the whole shows a secret: what to put in their places, by where they begin; UTF-16 units. */
export function joinedSecrets(
  sql: string,
  lexemes: Iterable<Lexeme>,
  withoutSecrets: (content: string) => string,
): ReadonlyMap<number, string> {
  const replaced = new Map<number, string>();
  if (!JOINS.test(sql)) return replaced;
  for (const run of runs(sql, lexemes)) {
    const whole = run.map(({ content }) => content).join('');
    const masked = withoutSecrets(whole);
    if (masked === whole || masked === run.map(({ content }) => withoutSecrets(content)).join('')) continue;
    for (const [index, { start }] of run.entries()) replaced.set(start, index === 0 ? masked : '');
  }
  return replaced;
}

const JOINS = /'\s*(?:\|\||[\n\r])|\|\|\s*(?:\$|[enbxu&]*')/i;

interface Piece {
  readonly start: number;
  readonly content: string;
}

function* runs(sql: string, lexemes: Iterable<Lexeme>): Iterable<readonly Piece[]> {
  let run: Piece[] = [];
  let joins = true;
  for (const { start, end, kind } of lexemes) {
    if (kind === 'comment') continue;
    const text = sql.slice(start, end);
    if (kind === 'string' && joins) run.push({ start, content: contentOf(text) });
    else if (kind === 'string' || text !== '||') {
      if (run.length > 1) yield run;
      run = kind === 'string' ? [{ start, content: contentOf(text) }] : [];
    }
    joins =
      text === '||' || run.length === 0 || (kind === 'string' && /^\s*[\n\r]/.test(sql.slice(end, end + 80)));
  }
  if (run.length > 1) yield run;
}
