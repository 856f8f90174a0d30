/** Text within a text that its writer did not mean people to see, made plain again. */

/** What was found, as a sentence for a reviewer. */
export interface PlainText {
  /** The text as it reads, with what was hidden after it. */
  readonly text: string;
  readonly findings: readonly string[];
}

/** Longer texts are cut: nobody needs so many words for a request. */
const MOST_CHARACTERS = 4000;

const INVISIBLE =
  /\u034f|\u17b4|\u17b5|\u115f|\u1160|\u180b|\u180c|\u180d|[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
const TAGS = /[\u{e0001}-\u{e007f}]/gu;
const SELECTORS = /[\u{e0100}-\u{e01ef}]/gu;
const EMOJI_JOIN = /(?<=\p{Extended_Pictographic}|\ufe0f)\u200d(?=\p{Extended_Pictographic})/gu;
const COMMENT = /<!--([\s\S]*?)(?:-->|$)|\/\*([\s\S]*?)\*\/|\[\/\/\]: # \(([^)]*)\)/g;
const MARKUP =
  /<\/?\s*[a-z][\w-]*(?:\s[^<>]*)?>|<\|[^|>]*\|>|\[\/?(?:INST|SYS|system|assistant|user)\]|```|^\s*#{2,}\s|\{\s*["'“]?\w+["'”]?\s*:|["'“]\w+["'”]\s*:\s*["'“\d[{tf]|\]\s*\(\s*(?:https?|javascript|data):|\{\{|\$\{|\b(?:system|assistant|human)\s*:|(?:^|\s)\w*(?:decision|risk|verdict|outcome|approved)\w*\s*[=:]|risiko\s*[=:]|&#x?\w+;|\breturn\s+(?:true|false)\b|\bassert\b|==|&&|=>|\b(?:if|while)\b[^.]{0,60}:\s*\w+\(|display\s*:\s*none|font-size\s*:\s*0/im;
const CONSENT = /[\u2611\u2705\u2713\u2714\u{1f197}\u{1f44c}\u{1f44d}\u{1f7e2}\u{1f7e9}\u{1f5f8}]/u;
/** Long runs of letters and digits that are no words. */
const OPAQUE = /(?<![\w.])(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z0-9+/=]{20,}(?![\w.])/;
/** Cyrillic and Greek letters, each before the Latin one that it looks like. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map(
  'аa еe оo рp сc хx уy іi јj ѕs ԁd һh ԛq ԝw кk мm тt вb нh гr пn зz αa βb εe ηn ιi κk νv οo ρp τt υu χx γy ωw ɑa ɡg'
    .split(' ')
    .map((pair) => [pair[0] as string, pair[1] as string]),
);

export function plainText(raw: string): PlainText {
  const findings = new Set<string>();
  const hidden: string[] = [];
  const note = (finding: string, text = '') => {
    findings.add(finding);
    hidden.push(text);
  };
  let text = raw;
  if (text.length > MOST_CHARACTERS) {
    note('the text is far longer than a request needs to be');
    text = `${text.slice(0, MOST_CHARACTERS / 2)} ${text.slice(-MOST_CHARACTERS / 2)}`;
  }
  text = visible(text, note);
  const composed = text.normalize('NFKC');
  if (/[\u{1d400}-\u{1d7ff}\u{1f100}-\u{1f1e5}\u24b6-\u24e9\uff21-\uff3a\uff41-\uff5a]/u.test(text))
    note('letters are disguised as symbols');
  text = composed.replace(COMMENT, (whole, ...inner) => {
    note('a comment is hidden in the text', inner.slice(0, 3).join(' '));
    return whole.startsWith('[') ? '' : ' ';
  });
  if (MARKUP.test(text)) note('the text has markup or data in it, which a reason has no use for');
  text = withoutLookalikes(text, note);
  if (CONSENT.test(text)) note('signs of consent stand in the text');
  if (/https?:\/\/|www\.\w/i.test(text)) note('the text points to a page elsewhere');
  if (OPAQUE.test(text)) note('a part of the text cannot be read');
  for (const decoded of decodings(text)) note('a part of the text is encoded', decoded);
  return { text: [text, ...hidden].filter((part) => part.trim() !== '').join('\n'), findings: [...findings] };
}

function visible(text: string, note: (finding: string, text?: string) => void): string {
  const tags = text.match(TAGS);
  if (tags !== null)
    note(
      'invisible characters spell a text',
      tags.map((tag) => String.fromCodePoint((tag.codePointAt(0) as number) - 0xe0000)).join(''),
    );
  const bare = text.replace(TAGS, '').replace(EMOJI_JOIN, '');
  const seen = bare.replace(SELECTORS, '').replace(INVISIBLE, '').replace(CONTROL, '');
  if (seen !== bare) note('there are invisible characters in the text');
  return seen;
}

/** Words that mix scripts are written with letters that look like others. */
function withoutLookalikes(text: string, note: (finding: string) => void): string {
  return text.replace(/[\p{L}\p{M}]+/gu, (word) => {
    const mixed = /\p{Script=Latin}/u.test(word) && /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(word);
    const disguised =
      mixed ||
      (/^[а-яіјѕԁһα-ω]+$/iu.test(word) &&
        [...word.toLowerCase()].every((letter) => LOOKALIKES.has(letter)) &&
        /[a-z]{3}/i.test(text) &&
        word.length > 3);
    if (!disguised) return word;
    if (mixed) note('letters of several alphabets are mixed in a word');
    return [...word].map((letter) => LOOKALIKES.get(letter.toLowerCase()) ?? letter).join('');
  });
}

/** What decodes to words: Base64, hexadecimal, percent and character codes, ROT13, letters apart or backwards. */
function* decodings(text: string): Generator<string> {
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{16,}={0,2}/g)) yield* worded(fromBase64(run));
  for (const [run] of text.matchAll(/\b(?:[0-9a-f]{2}[\s:]?){6,}\b/gi))
    yield* worded(Buffer.from(run.replace(/[\s:]/g, ''), 'hex').toString('utf8'));
  for (const [run] of text.matchAll(/(?:0x|\\x)[0-9a-f]{2}(?:[\s,]*(?:0x|\\x)[0-9a-f]{2}){5,}/gi))
    yield Buffer.from(run.replace(/0x|[\\x\s,]/gi, ''), 'hex').toString('utf8');
  for (const [run] of text.matchAll(/(?:[01]{8}\s?){4,}/g))
    yield (run.match(/[01]{8}/g) ?? []).map((bits) => String.fromCharCode(Number.parseInt(bits, 2))).join('');
  for (const [run] of text.matchAll(/(?:\b\d{2,3}[\s,]+){7,}\d{2,3}\b/g))
    yield* worded(String.fromCharCode(...(run.match(/\d+/g) ?? []).map(Number)));
  for (const [run] of text.matchAll(/(?:%[0-9a-f]{2}[\w.-]*){3,}/gi)) yield safelyDecoded(run);
  for (const [run] of text.matchAll(/(?:&#x?[0-9a-f]+;\s*){3,}/gi))
    yield run.replace(/&#(x?)([0-9a-f]+);/gi, (_, hex: string, code: string) =>
      characterOf(code, hex === '' ? 10 : 16),
    );
  for (const [run] of text.matchAll(/(?:\\u[0-9a-f]{4})+\w*/gi))
    yield run.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => characterOf(code, 16));
  for (const [run] of text.matchAll(/(?:(?<![\p{L}\d])\p{L}[\s.*_-]{1,2}){6,}\p{L}(?![\p{L}\d])/gu))
    yield run.replace(/(\p{L})[\s.*_-](?=\p{L})/gu, '$1').replace(/[.*_-]+/g, ' ');
  if (/(?:[.\-–]{1,5}[ /]+){5,}/.test(text)) yield 'morse';
}

function* worded(text: string): Generator<string> {
  const letters = text.match(/[\p{L} ]/gu)?.length ?? 0;
  if (text.length >= 6 && letters / [...text].length > 0.75 && !text.includes('\ufffd')) yield text;
}

/** Names of relations and words in a row are no Base64, though their letters could be. */
function fromBase64(run: string): string {
  if (/^[a-z_-]+$/.test(run) || (!/[A-Z]/.test(run) && !run.endsWith('='))) return '';
  return Buffer.from(run.replaceAll('-', '+').replaceAll('_', '/'), 'base64').toString('utf8');
}

function safelyDecoded(run: string): string {
  try {
    return decodeURIComponent(run);
  } catch {
    return unescape(run);
  }
}

function characterOf(code: string, base: number): string {
  const number = Number.parseInt(code, base);
  return number > 0 && number < 0x110000 ? String.fromCodePoint(number) : '';
}

export const rot13 = (text: string): string =>
  text.replace(/[a-z]/gi, (letter) => {
    const base = letter <= 'Z' ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });
