/**
 * Secrets taken out of SQL before it is kept. Works on the text alone, so that it also works for texts that do not
 * parse: string constants are found as PostgreSQL's lexer finds them, and those in a place of secrets are replaced.
 */

const MASK = "'***'";

/** Nothing to do for a text without one of these. */
const SUSPECT = /pass|secret|token|credential|api_?key|connection|dblink|private|pst_/i;

/** A word whose value follows: by itself, after `=` or TO, or as the next argument after a name in quotes. */
const SECRET_BEFORE =
  /(?:password|passwd|passfile|passphrase|secret|token|credential|api_?key|private_?key|connection)\w*(?:'\s*,|"?\s*(?:=>?|\bto\b|\bis\b)?)\s*\(?\s*(?:e|n|b|x|u&)?$/i;

/** `password=...` inside a connection string, and `user:password@` inside a URL. Bounded, so that no text takes long. */
const CONNINFO =
  /((?:pass(?:word|wd|file|phrase)?|sslpassword|secret|token)\s*=\s*)(?:''(?:[^']|''''){0,500}''|\\?'(?:[^'\\]|\\.|''){0,500}'|"[^"]{0,500}"|[^\s'"&]{1,500})/gi;
const URL_PASSWORD = /((?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@']{0,100}:)[^\s@']{0,500}@/gi;

/** Characters before a constant that tell what it is. */
const CONTEXT = 80;

/** Postern's own tokens. */
const TOKEN = /pst_[A-Za-z0-9_-]{8,}/g;

export function redact(sql: string): string {
  if (!SUSPECT.test(sql) && !sql.includes('://')) return sql;
  let out = '';
  let from = 0;
  let code = ''; // the end of the text before the constant, without comments
  for (const { start, end, kind } of lexemes(sql)) {
    code = (code + sql.slice(Math.max(from, start - CONTEXT), start)).slice(-CONTEXT);
    out += sql.slice(from, start);
    const text = sql.slice(start, end);
    if (kind === 'string') {
      out += SECRET_BEFORE.test(code) ? MASK : masked(text);
    } else out += kind === 'comment' ? masked(text) : text;
    code += kind === 'comment' ? ' ' : text.slice(-CONTEXT);
    from = end;
  }
  return (out + sql.slice(from)).replace(TOKEN, 'pst_***');
}

/** INVARIANT: what is masked ends where its constant or comment does, or whoever reads it would take code for either. */
const masked = (text: string): string => {
  const tag = /^(?:\$[^$]*\$|\/\*)/.exec(text)?.[0];
  if (tag === undefined) return maskedPart(text);
  if (tag !== '/*') return text.split(tag).map(maskedPart).join(tag);
  return text
    .split(/(\/\*|\*\/)/)
    .map(maskedPart)
    .join('');
};

const maskedPart = (text: string): string => text.replace(CONNINFO, '$1***').replace(URL_PASSWORD, '$1***@');

interface Lexeme {
  readonly start: number;
  readonly end: number;
  readonly kind: 'string' | 'identifier' | 'comment';
}

const START = /'|"|--|\/\*|\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/g;
const ESCAPED = /(?:^|[^\w$\u0080-\uffff])e$/i;

/** String constants, quoted identifiers and comments, in order. One that does not end goes to the end of the text. */
function* lexemes(sql: string): Iterable<Lexeme> {
  const search = new RegExp(START);
  for (let match = search.exec(sql); match !== null; match = search.exec(sql)) {
    const start = match.index;
    const opening = match[0];
    if (opening.startsWith('$') && /[\w$\u0080-\uffff]/.test(sql[start - 1] ?? ' ')) {
      search.lastIndex = start + 1; // inside an identifier or a parameter
      continue;
    }
    const end = endOf(sql, start, opening);
    yield {
      start,
      end,
      kind: opening === '"' ? 'identifier' : /^(--|\/\*)$/.test(opening) ? 'comment' : 'string',
    };
    search.lastIndex = end;
  }
}

const endOf = (sql: string, start: number, opening: string): number => {
  switch (opening) {
    case "'":
      return quoteEnd(sql, start + 1, "'", ESCAPED.test(sql.slice(Math.max(0, start - 2), start)));
    case '"':
      return quoteEnd(sql, start + 1, '"', false);
    case '--':
      return lineEnd(sql, start);
    case '/*':
      return blockCommentEnd(sql, start + 2);
    default:
      return found(sql, sql.indexOf(opening, start + opening.length), opening.length);
  }
};

const found = (sql: string, index: number, length: number): number =>
  index < 0 ? sql.length : index + length;

/** A line ends with either (`non_newline` of PostgreSQL's scan.l). */
const lineEnd = (sql: string, from: number): number => {
  for (let at = from; at < sql.length; at++) if (sql[at] === '\n' || sql[at] === '\r') return at + 1;
  return sql.length;
};

const quoteEnd = (sql: string, from: number, quote: string, escapes: boolean): number => {
  for (let at = from; at < sql.length; at++) {
    if (escapes && sql[at] === '\\') at++;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at++;
    }
  }
  return sql.length;
};

const blockCommentEnd = (sql: string, from: number): number => {
  let depth = 1;
  for (let at = from; at < sql.length - 1; at++) {
    const pair = sql.slice(at, at + 2);
    if (pair !== '/*' && pair !== '*/') continue;
    depth += pair === '/*' ? 1 : -1;
    at++;
    if (depth === 0) return at + 1;
  }
  return sql.length;
};
