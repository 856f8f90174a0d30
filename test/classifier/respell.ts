/** The same statement in other words: nothing of it means anything else to PostgreSQL. For tests. */
import { classesOf, FOREIGN_CATALOGS, KEYWORDS } from '../../classifier/features/vocabulary.ts';
import type { Random } from '../../classifier/learning/random.ts';
import { contentOf, type Token, tokensOf } from '../../classifier/lexer.ts';

/** Case of what is not quoted. */
export function recased(sql: string, random: Random): string {
  const way = random.below(3);
  return rebuilt(sql, ({ kind, text }) => {
    if (kind !== 'word') return text;
    if (way === 0) return text.toUpperCase();
    if (way === 1) return text.toLowerCase();
    return text.replace(/./g, (letter) =>
      random.next() < 0.5 ? letter.toUpperCase() : letter.toLowerCase(),
    );
  });
}

/** Blanks: other ones where there are some, and around brackets and commas. A comment to the end of a line keeps its end. */
export function respaced(sql: string, random: Random): string {
  const tokens = tokensOf(sql);
  return tokens
    .map((token, at) => {
      const next = tokens[at + 1];
      if (next === undefined) return token.text;
      const apart = next.start > token.start + token.text.length;
      if (token.text.startsWith('--')) return `${token.text}\n`;
      const loose = /^[(),;]$/.test(token.text) || /^[(),;]$/.test(next.text);
      if (!apart && !(loose && random.next() < 0.3)) return token.text;
      return token.text + random.pick([' ', '\n', '\t', '   ', '\r\n', ' \n  ']);
    })
    .join('');
}

/** Names that mean something by themselves. */
const KEEP = /^pg_|audit|read_?me|recover|note|_log$|^(passwd|rolpassword|umoptions|subconninfo|srvoptions)$/;

const isTelling = (name: string): boolean =>
  KEEP.test(name) || KEYWORDS.has(name) || FOREIGN_CATALOGS.has(name) || classesOf(name).length > 0;

/** Other names for what a statement calls relations, columns and aliases; `names`: in lower case. */
export function renamed(sql: string, names: ReadonlySet<string>, random: Random): string {
  const others = new Map<string, string>();
  return rebuilt(sql, ({ kind, text }) => {
    const name = kind === 'quoted' ? contentOf(text).toLowerCase() : text.toLowerCase();
    if ((kind !== 'word' && kind !== 'quoted') || !names.has(name) || isTelling(name)) return text;
    if (kind === 'quoted' && !/^\w+$/.test(name)) return text;
    const other = others.get(name) ?? `n${others.size}${'abcdefgh'.slice(0, 1 + random.below(8))}`;
    others.set(name, other);
    return random.next() < 0.5 ? other : `"${other}"`;
  });
}

/** Other values; the same ones stay the same. */
export function revalued(sql: string, random: Random): string {
  const others = new Map<string, string>();
  return rebuilt(sql, ({ kind, text }) => {
    const plain =
      kind === 'number' ? /^\d{2,6}$/.test(text) : kind === 'string' && /^'[a-z]{2,12}'$/i.test(text);
    if (!plain) return text;
    const other =
      kind === 'number' ? String(11 + random.below(900)) : `'${'qrstvwxyz'.slice(random.below(6))}'`;
    others.set(text, others.get(text) ?? other);
    return others.get(text) as string;
  });
}

/** A line for a tool before it, a note behind it, a semicolon. */
export function remarked(sql: string, random: Random): string {
  if (/--[^\n]*$/.test(sql)) return sql;
  return random.pick([
    `${sql};`,
    `-- name: ListOrders :many\n${sql}`,
    `${sql} /* controller:orders,action:index */`,
    `/* nightly job */ ${sql}`,
  ]);
}

function rebuilt(sql: string, wordOf: (token: Token) => string): string {
  let end = 0;
  let text = '';
  for (const token of tokensOf(sql)) {
    text += sql.slice(end, token.start) + wordOf(token);
    end = token.start + token.text.length;
  }
  return text + sql.slice(end);
}
