/**
 * The tokens of a SQL text, as far as features need them: fast, never failing, also for texts that do not parse.
 * Strings follow PostgreSQL's rules with standard_conforming_strings on (manual, section 4.1).
 */
export type TokenKind =
  | 'word'
  | 'quoted'
  | 'string'
  | 'number'
  | 'parameter'
  | 'operator'
  | 'punctuation'
  | 'comment';

export interface Token {
  readonly kind: TokenKind;
  /** As it stands in the text, with its quotes. */
  readonly text: string;
  /** In UTF-16 units of the text. */
  readonly start: number;
}

/** What follows in a text that is longer is not looked at. In UTF-16 units. */
export const LONGEST_TEXT = 100_000;

// One alternative per kind, in the order of KINDS. Quantifiers are not nested: no input makes this take more than linear time.
const TOKEN =
  /(--[^\r\n]*|\/\*)|([eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*(?:'|$)|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\3\$|$))|((?:[uU]&)?"(?:[^"]|"")*(?:"|$))|(0[xX][\da-fA-F]+|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|(\$\d+|(?<![:@])[:@]\w+|\?)|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|([-+*/<>=~!@#%^&|`]+?(?=--|\/\*)|[-+*/<>=~!@#%^&|`]+|::)|([^\s])/g;
const KINDS: readonly (TokenKind | null)[] = [
  null,
  'comment',
  'string',
  null,
  'quoted',
  'number',
  'parameter',
  'word',
  'operator',
  'punctuation',
];

export function tokensOf(sql: string): readonly Token[] {
  const text = sql.length > LONGEST_TEXT ? sql.slice(0, LONGEST_TEXT) : sql;
  const tokens: Token[] = [];
  const next = new RegExp(TOKEN);
  for (let match = next.exec(text); match !== null; match = next.exec(text)) {
    const start = match.index;
    const kind = kindOf(match);
    if (match[0] === '/*') next.lastIndex = endOfComment(text, start);
    else if (kind === 'operator') next.lastIndex = start + lengthOfOperator(match[0]);
    tokens.push({ kind, text: text.slice(start, next.lastIndex), start });
  }
  return tokens;
}

/** `=-1` is two operators, `@-1` is one: only with these characters can one of several end in a sign (manual, section 4.1.3). */
function lengthOfOperator(text: string): number {
  let length = text.length;
  if (/[~!@#%^&|`?]/.test(text)) return length;
  while (length > 1 && /[-+]/.test(text[length - 1] as string)) length--;
  return length;
}

/** Comments in brackets nest (manual, section 4.1.5). One that is not closed goes on to the end. */
function endOfComment(text: string, start: number): number {
  const bracket = /\/\*|\*\//g;
  bracket.lastIndex = start;
  let depth = 0;
  for (let match = bracket.exec(text); match !== null; match = bracket.exec(text)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return bracket.lastIndex;
  }
  return text.length;
}

function kindOf(match: RegExpMatchArray): TokenKind {
  for (let group = 1; group < KINDS.length; group++) {
    const kind = KINDS[group];
    if (kind && match[group] !== undefined) return kind;
  }
  return 'punctuation';
}

/** What a string or quoted name says: without its quotes and prefix. */
export function contentOf(token: string): string {
  const dollar = /^\$\w*\$/.exec(token)?.[0];
  if (dollar !== undefined)
    return token.slice(dollar.length, token.endsWith(dollar) ? -dollar.length : undefined);
  const open = token.search(/['"]/);
  const quote = token[open];
  const close = token.length > open + 1 && token.endsWith(quote as string) ? -1 : undefined;
  return token.slice(open + 1, close);
}
