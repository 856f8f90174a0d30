/**
 * Secrets within any text, by their form: a value that its name stands before, and what looks like nothing else. Every
 * pattern is bounded, so that no text takes long.
 */
import { isSecretName } from './secret-names.ts';

/** Nothing to do for a text without one of these. */
export const SUSPECT =
  /pass|pw|secret|token|credential|key|bearer|basic|authorization|:\/\/|\bsig|eyJ|a[ks]ia|gh[a-z]_|github_pat|glpat|xox|\bsk[_-]|aiza|scram|md5|\$2[aby]\$|pst_|jwt|otp\b|cvv|cvc|sshpass|login|mysql|crypt|hmac|identified|\s-u|--user/i;

const MASK = '***';

/** `name=`, `"name": `, `name =>`, of connection strings, JSON, hstore, URLs, environments; or `<name>`. */
const NAME =
  /(?<![\w.-])([\w.-]{1,80})\\{0,3}["']{0,2}[^\S\n]{0,20}(?:=>|=|:(?!:|=|\/\/))[^\S\n]{0,20}|<(?:\w{1,30}:)?([\w-]{1,60})>/g;
/** Its value: in quotes (doubled or escaped ones in a string of a string), in braces, or up to the next mark. */
const VALUE =
  /(\\{0,3}["'])(?:(?!\1)[^\\]|(?!\1)\\.|''){0,2000}(?:\1|$)|''(?:[^']|''''){0,500}''|\{[^{}]{1,500}\}|[^\s'"&;,}\\<]{1,1000}/y;
/** Not a value: a placeholder, a mask, what stands for nothing. */
const NO_VALUE =
  /^\\{0,3}["']{0,2}(?:\*{3}|\$\d|:\w|%[sLI\d]|%\w?$|\?|\{\{|(?:null|none|true|false|it|is|its|the|an?|see|not|no|and|or|in|on|of|for|to|which|that|this|what)\b(?!['"@-])|$)/i;
/** Names that are secrets in URLs alone. */
const SIGNATURE = /^(?:sig|signature|x-amz-signature|x-goog-signature)$/i;
const HEADER =
  /(\b(?:proxy-)?authorization["']?\s{0,5}[:=]\s{0,5}["']?(?:(?:basic|bearer|token|digest)\s+)?)[^\s"'*][^"'\r\n]{0,1000}/gi;

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/((?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@"'\\]{0,100}:)[^\s/"'\\]{0,500}@/gi, '$1***@'],
  [HEADER, '$1***'],
  [/(\bbearer\s+)(?=[\w.~+/-]{6})[\w.~+/=-]{1,2000}/gi, '$1***'],
  [/(\bbasic\s+)(?=[A-Za-z+/]{0,200}[\d=])[\w+/]{6,1000}={0,2}/gi, '$1***'],
  // In prose: `password is X`; `pw X` if X has letters and digits and so looks like one.
  [/(\b(?:password|passwort|passphrase|pwd|pw)\s+(?:is|ist|to)\s+)[^\s'"*$]{1,500}/gi, '$1***'],
  [
    /(\b(?:password|passwd|passwort|passphrase|pwd|pw)\s+)(?!(?:sha|md|aes|utf)-?\d)(?=[^\s'"]{0,100}\d)(?=[^\s'"]{0,100}[a-z])[^\s'"*$(),;=]{6,500}/gi,
    '$1***',
  ],
  // Commands.
  [/(\s(?:-u|--user|--proxy-user)[\s=]{0,5}["']?[^\s:'"]{1,100}:)[^\s'"*][^\s'"]{0,500}/g, '$1***'],
  [/(\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^|;&\n]{0,300}?\s-p)[^\s'"]{1,200}/g, '$1***'],
  [/(\b(?:sshpass|(?:docker|podman)\s+login\b[^|;&\n]{0,200}?)\s-p\s{0,5})[^\s]{1,200}/g, '$1***'],
  // Keys and tokens of well-known forms.
  [/\beyJ[\w-]{5,4000}\.eyJ[\w-]{2,4000}(?:\.[\w-]{0,4000})?/g, MASK],
  [/(-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----)[^-]{0,20000}/g, '$1***'],
  [/(\b(?:AKIA|ASIA)[A-Z0-9]{16}["'\s,:;]{1,10})[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/g, '$1***'],
  [
    /\b(gh[oprsu]_|github_pat_|glpat-|xox[abeoprs]-|sk_(?:live|test)_|rk_live_|sk-(?:ant-|proj-)?|AIza|npm_|hf_|dop_v1_)[\w-]{16,300}/g,
    '$1***',
  ],
  [/(hooks\.slack\.com\/(?:services|workflows)\/)[\w/-]{10,200}/g, '$1***'],
  [/(SCRAM-SHA-256\$\d{1,9}:)[\w+/=$:-]{10,300}/g, '$1***'],
  [/\bmd5[0-9a-f]{32}\b/g, 'md5***'],
  [/(\$2[abxy]\$\d\d\$)[./A-Za-z0-9]{53}/g, '$1***'],
];

/** Postern's own tokens. */
const TOKEN = /pst_[A-Za-z0-9_-]{8,}/g;

export function maskSecrets(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return PATTERNS.reduce((masked, [pattern, mask]) => masked.replace(pattern, mask), maskNamed(text)).replace(
    TOKEN,
    'pst_***',
  );
}

/** With masks for values whose names say that they are secrets. */
function maskNamed(text: string): string {
  let masked = '';
  let from = 0;
  for (const {
    0: { length },
    1: name,
    2: element,
    index,
  } of text.matchAll(NAME)) {
    const start = index + length;
    if (start < from || !isName(name ?? element!)) continue;
    VALUE.lastIndex = start;
    const value = VALUE.exec(text)?.[0] ?? '';
    if (NO_VALUE.test(value)) continue;
    masked += text.slice(from, start) + maskedValue(value);
    from = start + value.length;
  }
  return masked + text.slice(from);
}

const isName = (name: string): boolean =>
  isSecretName(name.slice(name.lastIndexOf('.') + 1)) || SIGNATURE.test(name);

/** With the quotes that it has. */
const maskedValue = (value: string): string => {
  const quote = /^\\{0,3}(?:''|["'])/.exec(value)?.[0] ?? '';
  return `${quote}${MASK}${quote !== '' && value.length > quote.length && value.endsWith(quote) ? quote : ''}`;
};

const LEADS =
  /([\w.-]{1,80})["']{0,2}(?:\s{0,20}(?:=>|=|:=?)\s{0,20}|\s{1,20}(?:to\s{1,20}|is\s{1,20})?)\(?\s{0,5}["']{0,4}(?:%[\w$-]{1,5}["']{0,4})?\s{0,5}$/i;
const PLACEHOLDER =
  /([\w.-]{1,80})["']{0,2}\s{0,20}(?:=>|=|:=?|\s)\s{0,20}["']{0,4}(?:%(?:\d{1,2}\$)?[sLI]|\$\d)/g;

/** Whether a secret is what is put behind it, or in it: `'password=' || x`, `concat('pwd=', x)`, `format('PASSWORD %L', x)`. */
export function leadsToSecret(text: string): boolean {
  if (!SUSPECT.test(text)) return false;
  const name = LEADS.exec(text.slice(-200))?.[1];
  if (name !== undefined && isSecretName(name)) return true;
  return [...text.matchAll(PLACEHOLDER)].some(([, before]) => isSecretName(before!));
}
