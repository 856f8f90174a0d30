/**
 * The words of a message line: `Bind "" s1 "a b" null \x0001 results=binary`. A word is a JSON string, a bare word,
 * `null`, or `\x` and hex digits; `name=word` is an option.
 */
import { createHash } from 'node:crypto';

export type Word = string | Buffer | null;

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

export interface Line {
  /** The first word: a message type of the protocol manual. */
  readonly type: string;
  readonly words: readonly Word[];
  readonly options: Readonly<Record<string, string>>;
}

const TOKEN = /(?:([A-Za-z_][\w.]*)=)?("(?:[^"\\]|\\.)*"|[^\s"]+)\s*/y;

export function parseLine(text: string): Line {
  const words: Word[] = [];
  const options: Record<string, string> = {};
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text);
    if (token === null) throw new Error(`not a word at ${JSON.stringify(text.slice(at))}`);
    const word = parseWord(token[2]!);
    if (token[1] === undefined) words.push(word);
    else options[token[1]] = String(word);
  }
  const type = words.shift();
  if (typeof type !== 'string') throw new Error(`no message type in ${JSON.stringify(text)}`);
  return { type, words, options };
}

function parseWord(token: string): Word {
  if (token.startsWith('"')) return JSON.parse(token) as string;
  if (token.startsWith('\\x')) return Buffer.from(token.slice(2), 'hex');
  return token === 'null' ? null : token;
}

const BARE = /^[A-Za-z_][\w.$-]*$/;

/** A name as a bare word where that is unambiguous, else as a JSON string. */
export function quoteName(name: string): string {
  return BARE.test(name) && name !== 'null' ? name : JSON.stringify(name);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

const LONGEST = 1000;

/**
 * Bytes as a JSON string if they are readable text, else as `\x` and hex digits; null as `null`; what is too long to
 * read by its length and the start of its SHA-256.
 */
export function quoteBytes(bytes: Buffer | null): string {
  if (bytes === null) return 'null';
  if (bytes.length > LONGEST) return `<${bytes.length} bytes ${sha256(bytes).slice(0, 12)}>`;
  try {
    const text = utf8.decode(bytes);
    if (!hasControls(text)) return JSON.stringify(text);
  } catch {
    // not UTF-8: hex digits
  }
  return `\\x${bytes.toString('hex')}`;
}

function hasControls(text: string): boolean {
  return [...text].some((char) => char < ' ' && char !== '\t' && char !== '\n');
}
