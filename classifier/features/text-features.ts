/** What the text itself shows, whether it parses or not: comments, literals, spelling. */
import { contentOf, type Token } from '../lexer.ts';
import { type FeatureTexts, feature, type Tally } from './feature.ts';
import { RANSOM } from './vocabulary.ts';

export const TEXT_FEATURES = {
  parseFailed: feature('the text does not parse'),
  emptyClosingComment: feature('the text ends with a bare comment mark', 1),
  commentedSql: feature('a comment at the end holds the rest of a statement', 1),
  blankComments: feature('comments stand where blanks would', 1),
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
  ransomNotes: feature('literals, or names of new relations, read like a note that asks for ransom', 1),
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
/** How the rest of a statement begins, where its value and what follows are cut off. */
const TAIL =
  /^['"`)%;,]|^(and|or|where|order\s+by|group\s+by|limit|union|having|offset|returning|values|set|as)\b|=\s*['"$?\d]|^[\w.]+['"]/i;

export function measureText(
  tally: Tally<TextFeature>,
  sql: string,
  tokens: readonly Token[],
  parses: boolean,
): void {
  let before: Token | undefined;
  for (const token of tokens) {
    measureToken(tally, token, before, sql);
    before = token;
  }
  tally.percentCodes = encodable(tokens, parses).match(PERCENT_CODE)?.length ?? 0;
  measureEnd(tally, tokens);
}

/** Literals, names and comments: an encoded payload often is one. In what parses, `%20` beside them is a remainder. */
const encodable = (tokens: readonly Token[], parses: boolean): string =>
  tokens.length > 400
    ? ''
    : tokens
        .filter(({ kind }) => !parses || kind === 'string' || kind === 'quoted' || kind === 'comment')
        .map(({ text }) => (text.length > 300 ? '' : text))
        .join('');

function measureToken(tally: Tally<TextFeature>, token: Token, before: Token | undefined, sql: string): void {
  switch (token.kind) {
    case 'string':
      if (/^is$/i.test(before?.text ?? '')) return; // of COMMENT ON
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
    case 'comment':
      if (token.text.startsWith('/*') && isBlank(token, before, sql)) tally.blankComments++;
      return;
    case 'operator':
      if (token.text === '@@') tally.serverVariables++;
      else if (!KNOWN_OPERATORS.has(token.text)) tally.unknownOperators++;
      return;
    case 'word':
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
  if (content === '') tally.emptyStrings++;
  if (body || content.length > 2000) return;
  if (SQL_PIECE.test(content)) tally.sqlInLiterals++;
  if (OPENED.test(content)) tally.openedLiterals++;
  if (HOST.test(content)) tally.hostsInLiterals++;
  if (PATH.test(content)) tally.pathsInLiterals++;
  if (SHELL.test(content)) tally.shellInLiterals++;
  if (ENCODED.test(content)) tally.encodedLiterals++;
  if (RANSOM.test(content)) tally.ransomNotes++;
}

function measureName(tally: Tally<TextFeature>, content: string): void {
  if (ODD_NAME.test(content)) tally.oddNames++;
  if (SQL_PIECE.test(content)) tally.sqlInLiterals++;
}

function measureEnd(tally: Tally<TextFeature>, tokens: readonly Token[]): void {
  const last = tokens.at(-1);
  if (last?.kind !== 'comment' || tokens.length < 2) return;
  if (last.text.startsWith('/*') && last.text.endsWith('*/')) return; // it cuts nothing off: such notes are for tools
  const text = last.text.replace(/^(--|\/\*)/, '').trim();
  if (text === '' || /^[-+\w%]{0,6}$/.test(text) || /^['"]/.test(text)) tally.emptyClosingComment = 1;
  if (TAIL.test(text)) tally.commentedSql = 1;
}
