/**
 * Secrets taken out of SQL before it is kept. Works on the text alone, so that it also works for texts that do not
 * parse: string constants are found as PostgreSQL's lexer finds them, and those in a place of secrets are replaced.
 */

const MASK = "'***'";

/** Nothing to do for a text without one of these. */
const SUSPECT = /pass|pwd|secret|token|credential|api_?key|connection|dblink|private|crypt|hmac|bearer|pst_/i;

/** A word whose value follows: by itself, after `=` or TO, or as the next argument after a name in quotes. */
const SECRET_BEFORE =
  /(?:password|passwd|passfile|passphrase|passcode|\bpwd|secret|token|credential|api_?key|private_?key|connection)\w*(?:'\s*,|"?\s*(?:=>?|\bto\b|\bis\b)?)\s*\(?\s*(?:e|n|b|x|u&)?$/i;

/** A word whose arguments all may be secrets: keys, and what they are for; what goes into `PASSWORD %L`, or behind `PASSWORD ' ||`. */
const SECRETS_WITHIN =
  /(?:\b(?:crypt|pgp_\w+|(?:en|de)crypt\w*|hmac|\w*credentials?)\s*\(|\bpassword\s+%)[^()]*$|\bpassword\s*'+\s*\|\|\s*(?:\w+\s*\(\s*)?$/i;

/** Where a password stands without its quotes, or in the wrong ones, as in a statement that does not parse. */
const WORD_AFTER =
  /(\b(?:create|alter)\s+(?:role|user|group)\s[^;']{0,200}\bpassword\s+|\bset\s+[\w.]{0,100}(?:password|passwd|secret|token|credential|api_?key|private_?key)\w{0,60}\s*(?:=|\bto\b)\s*)(?!null\b|default\b|true\b|on\b)\w(?:[\w$.]|-(?!-)){0,500}/gi;
const NAME_AFTER = /\b(?:create|alter)\s+(?:role|user|group)\s[^;']*\bpassword\s+$/i;

/** In SQL that a string holds: its quotes are doubled, once or more. */
const NESTED = /(\b(?:create|alter)\s+(?:role|user|group)\s[^;]{0,200}?\bpassword\s+)('{2,8})[^']{0,500}\2/gi;
/** In prose, and in headers of HTTP. */
const PROSE =
  /(\b(?:password|passwort|passphrase|pwd|pw)(?:\s*:\s*|\s+is\s+)|\bbearer\s+(?=[\w.~+/-]{6}))[^\s'"&*$]{1,500}/gi;

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
  let goesOn = false; // a secret that may be continued by another constant, after nothing but blanks and comments
  for (const { start, end, kind } of lexemes(sql)) {
    const between = sql.slice(from, start);
    code = (code + between.slice(-CONTEXT)).slice(-CONTEXT);
    out += between.replace(WORD_AFTER, '$1***');
    const text = sql.slice(start, end);
    goesOn &&= between.trim() === '';
    if (kind === 'string') {
      goesOn ||= SECRET_BEFORE.test(code) || SECRETS_WITHIN.test(code);
      out += goesOn ? MASK : masked(text);
    } else if (kind === 'identifier') {
      goesOn = false;
      out += NAME_AFTER.test(code) ? '"***"' : text;
    } else out += masked(text);
    code += kind === 'comment' ? ' ' : text.slice(-CONTEXT);
    from = end;
  }
  return (out + sql.slice(from).replace(WORD_AFTER, '$1***')).replace(TOKEN, 'pst_***');
}

/** INVARIANT: what is masked ends where its constant or comment does, or whoever reads it would take code for either. */
const masked = (text: string): string => {
  const tag = /^(?:\$[^$]*\$|\/\*)/.exec(text)?.[0];
  if (tag === undefined) return maskedPart(text);
  // What stands between dollar signs is code, as a rule.
  if (tag !== '/*') return text.split(tag).map(redact).map(maskedPart).join(tag);
  return text
    .split(/(\/\*|\*\/)/)
    .map(maskedPart)
    .join('');
};

const maskedPart = (text: string): string =>
  text
    .replace(CONNINFO, '$1***')
    .replace(URL_PASSWORD, '$1***@')
    .replace(NESTED, '$1$2***$2')
    .replace(PROSE, '$1***');

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
