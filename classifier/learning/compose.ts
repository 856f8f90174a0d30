/**
 * Injected statements, made: an attack's text stands where a value stood in a harmless statement, and breaks out of it as a
 * client that glues strings together would let it.
 */
import { contentOf, type Token, tokensOf } from '../lexer.ts';
import { parseStatements } from '../parse.ts';
import type { Random } from './random.ts';

export interface Payload {
  readonly family: string;
  readonly shape: string;
}

/** null: the payload did not come to stand in the statement in a way that parses, after a few attempts. */
export function inject(base: string, payload: Payload, random: Random): string | null {
  const places = tokensOf(base).filter(isValue);
  if (places.length === 0) return null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const sql = injectOnce(base, random.pick(places), payload, random);
    if (parseStatements(sql, tokensOf(sql)) !== null) return sql;
  }
  return null;
}

/** The same where nothing has to parse: what a probe gone wrong leaves. */
export function injectBroken(base: string, payload: Payload, random: Random): string | null {
  const places = tokensOf(base).filter(isValue);
  return places.length === 0 ? null : injectOnce(base, random.pick(places), payload, random);
}

const ATTEMPTS = 6;

const isValue = ({ kind, text }: Token): boolean =>
  (kind === 'string' && /^'[^']*'$/.test(text)) ||
  (kind === 'number' && /^\d/.test(text)) ||
  kind === 'parameter';

function injectOnce(base: string, place: Token, payload: Payload, random: Random): string {
  const text = fill(payload.shape, random);
  const before = base.slice(0, place.start);
  const after = base.slice(place.start + place.text.length);
  const value = place.kind === 'string' ? contentOf(place.text) : place.text;
  if (payload.family === 'inline') return `${before}${text}${after}`;
  const closing = closings(before, random);
  const quoted = place.kind === 'string' && random.next() < 0.85;
  const start = quoted ? `'${random.next() < 0.4 ? value : startOf(random)}'` : startOf(random) || '1';
  if (random.next() < 0.15) return `${before}${unbroken(text, place, value, random)}${after}`;
  if (random.next() < 0.5)
    return respell(`${before}${start}${closing} ${text}${comment(random)}${after}`, random);
  return respell(`${before}${start} ${text}${balance(quoted, random)}${after}`, random);
}

/** It stays inside the quotes, or breaks out of the other kind of quotes: a name takes it in. */
function unbroken(text: string, place: Token, value: string, random: Random): string {
  const [brackets, s] = [')'.repeat(random.below(4)), word(random)];
  const open = '('.repeat(brackets.length);
  if (place.kind === 'string') {
    const inner = random.next() < 0.5 ? text.replace(/'/g, '"') : text.replace(/'/g, "''");
    const quote = random.pick(['"', '', "''", ' ']);
    return `'${random.next() < 0.5 ? value : startOf(random)}${quote}${brackets} ${inner}${random.pick([comment(random).replace(/'/g, ''), ` and ${open}${quote}${s}${quote}=${quote}${s}`])}'`;
  }
  const bare = text.replace(/["]/g, "'");
  const start = random.pick(['1', '-1', String(random.below(9999))]);
  const operator = random.pick(['%', '*', '-']);
  return `${start}${operator}"${brackets} ${bare} and ${open}"${operator}"="`;
}

/** Brackets that are open at the place: an attacker tries to close them before a comment. */
function closings(before: string, random: Random): string {
  let open = 0;
  for (const { text } of tokensOf(before)) open += text === '(' ? 1 : text === ')' ? -1 : 0;
  return random.next() < 0.8 ? ')'.repeat(Math.max(0, open)) : '';
}

const startOf = (random: Random): string =>
  random.pick([
    '',
    '',
    '1',
    '-1',
    String(random.below(9999)),
    `-${random.below(9999)}`,
    word(random),
    '1%',
    '0',
  ]);

const comment = (random: Random): string =>
  random.pick([
    '--',
    '-- ',
    '-- -',
    `-- ${word(random)}`,
    '--+',
    "--'",
    '/*',
    ';--',
    `-- ${word(random)}`,
    '--%20',
  ]);

/** The rest of the statement is kept whole. */
function balance(quoted: boolean, random: Random): string {
  const [s, n] = [word(random), random.below(9999)];
  if (!quoted) return random.pick(['', '', ` and ${n}=${n}`, ` or ${n}=${n + 1}`]);
  return random.pick([
    ` and '${s}'='${s}'`,
    ` or '${s}'='${s}x'`,
    ` AND '${s}' LIKE '${s}'`,
    " and ''=''",
    '',
  ]);
}

/** Case and blanks, which mean nothing to the server. */
function respell(sql: string, random: Random): string {
  const way = random.next();
  if (way < 0.08) return sql.replace(/ /g, () => (random.next() < 0.5 ? '/**/' : ' '));
  if (way < 0.14)
    return sql.replace(/[a-z]/g, (letter) => (random.next() < 0.5 ? letter.toUpperCase() : letter));
  if (way < 0.25)
    return sql.replace(/\b(or|and|select|union|from|where|case|when|null)\b/g, (all) => all.toUpperCase());
  return sql;
}

export const TABLES = [
  'customers',
  'orders',
  'payments',
  'employees',
  'tickets',
  'addresses',
  'users',
  'accounts',
];
const COLUMNS = [
  'email',
  'full_name',
  'card_number',
  'phone',
  'salary',
  'password',
  'token',
  'id',
  'username',
  'ssn',
];
const CATALOG = [
  'SELECT version()',
  'SELECT current_user',
  'SELECT current_database()',
  'SELECT usename FROM pg_user LIMIT 1',
  'SELECT passwd FROM pg_shadow LIMIT 1',
  'SELECT COUNT(*) FROM pg_roles',
  "SELECT table_name FROM information_schema.tables WHERE table_schema='public' LIMIT 1 OFFSET 3",
  'SELECT DISTINCT(schemaname) FROM pg_tables OFFSET 2 LIMIT 1',
  "SELECT COUNT(column_name) FROM information_schema.columns WHERE table_name='customers'",
  'SELECT datname FROM pg_database OFFSET 1 LIMIT 1',
];

/** Fills the `{...}` of a shape. */
export function fill(shape: string, random: Random): string {
  const [n, m, k] = [1 + random.below(9998), 1 + random.below(9998), 1 + random.below(12)];
  const [s, t] = [word(random), word(random)];
  const query = () =>
    random.next() < 0.5
      ? `(${random.pick(CATALOG)})`
      : `(SELECT ${random.pick(COLUMNS)} FROM ${random.pick(TABLES)} ORDER BY 1 OFFSET ${random.below(40)} LIMIT 1)`;
  const values: Readonly<Record<string, () => string>> = {
    n: () => String(n),
    m: () => String(m),
    k: () => String(k),
    s: () => s,
    t: () => t,
    a: () => String.fromCharCode(97 + random.below(26)),
    sep: () => random.pick([':', '~', '|', ',']),
    hex: () => Array.from({ length: 48 }, () => random.below(16).toString(16)).join(''),
    huge: () => String(1_000_000 * (1 + random.below(9))),
    host: () => `192.0.2.${1 + random.below(250)}`,
    table: () => random.pick(TABLES),
    column: () => random.pick(COLUMNS),
    column2: () => random.pick(COLUMNS),
    query,
    chr: () =>
      `(${Array.from({ length: 3 + random.below(4) }, () => `CHR(${97 + random.below(26)})`).join('||')})`,
  };
  return shape.replace(/\{(\w+)\}/g, (all, name: string) => values[name]?.() ?? all);
}

export const word = (random: Random): string =>
  Array.from({ length: 3 + random.below(5) }, () => String.fromCharCode(97 + random.below(26))).join('');
