/** What the text itself shows, whether it parses or not: comments, literals, spelling. */
import { contentOf, type Token } from '../lexer.ts';
import { type FeatureTexts, feature, type Tally } from './feature.ts';
import { KEYWORDS } from './vocabulary.ts';

export const TEXT_FEATURES = {
  textLength: feature('the text is long (log2 of its length)'),
  parseFailed: feature('the text does not parse'),
  symbolShare: feature('much of the text is punctuation'),
  closingComment: feature('a comment cuts off the end of the statement', 1),
  emptyClosingComment: feature('the text ends with a bare comment mark', 1),
  commentedSql: feature('a comment at the end holds the rest of a statement', 1),
  blankComments: feature('comments stand where blanks would', 1),
  mixedCaseKeywords: feature('keywords are spelled in mixed case', 1),
  gluedKeywords: feature('keywords follow a literal without a blank', 1),
  percentCodes: feature('characters are spelled as URL codes', 1),
  sqlInLiterals: feature('literals hold pieces of SQL', 1),
  openedLiterals: feature('literals begin or end with quotes, brackets or comment marks', 1),
  oddNames: feature('quoted names hold operators or brackets', 1),
  emptyStrings: feature('empty strings'),
  hexNumbers: feature('numbers are written in hexadecimal', 1),
  hostsInLiterals: feature('literals name hosts, addresses or URLs', 1),
  pathsInLiterals: feature('literals name files of the server', 1),
  shellInLiterals: feature('literals hold shell commands', 1),
  encodedLiterals: feature('long literals that look encoded', 1),
  parameters: feature('values are parameters', -1),
  longestLiteral: feature('the longest literal (log2 of its length)'),
  serverVariables: feature("another product's server variables (@@name)", 1),
  unknownOperators: feature('operators that PostgreSQL does not have', 1),
} satisfies FeatureTexts;

export type TextFeature = keyof typeof TEXT_FEATURES;

// Of the manual's chapter 9 and of the modules that come with PostgreSQL.
const KNOWN_OPERATORS: ReadonlySet<string> = new Set(
  `+ - * / % ^ ! @ & | # ~ < > <= >= = <> != || << >> && -> ->> #> #>> @> <@ ?| ?& @? @@ ~~ !~~ ~~* !~~* ~* !~ !~* ^@ <-> ## |/ ||/ :: :=
  => #- -|- &< &> <<| |>> &<| |&> <^ >^ ?# ?- ?-| ?|| ~= @-@ ?|| @@@ %% <% %> <<% %>> <<<-> <->> <#> <=> ~>~ ~<~ ~>=~ ~<=~ *= *<>
  *< *> *<= *>= ..`
    .trim()
    .split(/\s+/),
);

const SQL_PIECE =
  /\b(union\s+(all\s+)?select|select\b.{1,80}\bfrom|or\s+[\w'"]+\s*(=|like|<|>)|and\s+[\w'"]+\s*=|drop\s+(table|database)|insert\s+into|having\s+\d|order\s+by\s+\d|exec(ute)?\s+(master|xp_|sp_|immediate)|waitfor\s+delay|sleep\s*\(|benchmark\s*\(|delete\s+from|into\s+(out|dump)file|information_schema|xp_cmdshell)/i;
const OPENED = /^\s*['")]|['"]\s*\)|--\s*-?\s*$|--\s|\/\*|\*\/|#\s*$|['"`]\s*(or|and|\|\||;|\+)|;\s*$|\|\|/i;
const HOST =
  /\b\d{1,3}(\.\d{1,3}){3}\b|\b(https?|ftp|ldap|jdbc|dns|smb):|\bhost(addr)?\s*=|\\\\\\?\w|\bdbname\s*=/i;
const PATH =
  /(^|[\s'"=])(\/(etc|tmp|var|root|proc|home|usr|opt|lib|bin|dev|data)\/|[a-z]:\\|\.\.\/|~\/\.)|\/etc\/|\.(so|dll|sh|conf|ssh|pem|exe|php|jsp|aspx?)\b/i;
const SHELL =
  /\b(curl|wget|bash|nc|ncat|powershell|perl|python\d?|chmod|crontab|cat|base64|whoami|uname|id|touch|socat|nslookup|ping|cmd(\.exe)?|sh)\b(\s+[-\w/"'.]|\s*[|;&>]|$)|[|;]\s*(sh|bash)\b|`[^`]+`|\$\(/;
const ENCODED = /^[A-Za-z0-9+/]{40,}={0,2}$|^(\\x|0x)?[0-9a-fA-F]{32,}$/;
const ODD_NAME = /[=<>;'|]|--|\/\*|^\s|\s$|^$|^[%*-]$/;
const PERCENT_CODE = /%[0-9a-fA-F]{2}(?![\w])|%(20|27|28|29|22|3d|3b|2d|0a|0d|23)/gi;
const TAIL = /['"();=]|\b(and|or|where|from|order|limit|group|select)\b/i;

export function measureText(tally: Tally<TextFeature>, sql: string, tokens: readonly Token[]): void {
  tally.textLength = Math.log2(1 + sql.length);
  let symbols = 0;
  let before: Token | undefined;
  for (const token of tokens) {
    if (token.kind === 'operator' || token.kind === 'punctuation') symbols += token.text.length;
    measureToken(tally, token, before, sql);
    before = token;
  }
  tally.symbolShare = symbols / Math.max(1, sql.length);
  tally.percentCodes = outside(tokens).match(PERCENT_CODE)?.length ?? 0;
  measureEnd(tally, tokens);
}

/** Also strings: an encoded payload often is one. Comments count, since it may have cut itself off. */
const outside = (tokens: readonly Token[]): string =>
  tokens.length > 400 ? '' : tokens.map(({ text }) => (text.length > 300 ? '' : text)).join('');

function measureToken(tally: Tally<TextFeature>, token: Token, before: Token | undefined, sql: string): void {
  switch (token.kind) {
    case 'string':
      return measureLiteral(tally, contentOf(token.text), token.text.startsWith('$'));
    case 'quoted':
      return measureName(tally, contentOf(token.text));
    case 'number':
      if (/^0x/i.test(token.text)) tally.hexNumbers++;
      return;
    case 'parameter':
      if (token.text.startsWith('@') && sql[token.start - 1] === '@') tally.serverVariables++;
      else tally.parameters++;
      return;
    case 'word':
      return measureWord(tally, token, before);
    case 'comment':
      if (token.text.startsWith('/*') && isBlank(token, before, sql)) tally.blankComments++;
      return;
    case 'operator':
      if (token.text === '@@') tally.serverVariables++;
      else if (!KNOWN_OPERATORS.has(token.text)) tally.unknownOperators++;
      return;
    case 'punctuation':
      return;
  }
}

/** A comment between two words without any blank, or an executable one. */
const isBlank = (token: Token, before: Token | undefined, sql: string): boolean =>
  token.text.startsWith('/*!') ||
  (before !== undefined &&
    before.start + before.text.length === token.start &&
    /\S/.test(sql[token.start + token.text.length] ?? ' '));

function measureLiteral(tally: Tally<TextFeature>, content: string, body: boolean): void {
  tally.longestLiteral = Math.max(tally.longestLiteral, Math.log2(1 + content.length));
  if (content === '') tally.emptyStrings++;
  if (body || content.length > 2000) return;
  if (SQL_PIECE.test(content)) tally.sqlInLiterals++;
  if (OPENED.test(content)) tally.openedLiterals++;
  if (HOST.test(content)) tally.hostsInLiterals++;
  if (PATH.test(content)) tally.pathsInLiterals++;
  if (SHELL.test(content)) tally.shellInLiterals++;
  if (ENCODED.test(content)) tally.encodedLiterals++;
}

function measureName(tally: Tally<TextFeature>, content: string): void {
  if (ODD_NAME.test(content)) tally.oddNames++;
  if (SQL_PIECE.test(content)) tally.sqlInLiterals++;
}

function measureWord(tally: Tally<TextFeature>, { text, start }: Token, before: Token | undefined): void {
  const lower = text.toLowerCase();
  if (!KEYWORDS.has(lower)) return;
  if (text !== lower && text !== text.toUpperCase() && !/^[A-Z][a-z]+$/.test(text)) tally.mixedCaseKeywords++;
  const glued = before !== undefined && before.start + before.text.length === start;
  if (glued && (before.kind === 'string' || before.kind === 'number')) tally.gluedKeywords++;
}

function measureEnd(tally: Tally<TextFeature>, tokens: readonly Token[]): void {
  const last = tokens.at(-1);
  if (last?.kind !== 'comment' || tokens.length < 2) return;
  const text = last.text.replace(/^(--|\/\*)/, '').trim();
  if (text === '' || /^[-+\w%]{0,6}$/.test(text) || /^['"]/.test(text)) tally.emptyClosingComment = 1;
  if (TAIL.test(text)) tally.commentedSql = 1;
  if (last.text.startsWith('--')) tally.closingComment = 1;
}
