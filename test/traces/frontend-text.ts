/**
 * Lines of a trace -> bytes of frontend messages (PostgreSQL manual, "Message Formats"). Written apart from proxy/wire
 * on purpose: the traces judge that code, so they do not use it.
 */
import type { Line, Word } from './words.ts';

export const TYPE_OIDS: Readonly<Record<string, number>> = {
  unspecified: 0,
  bool: 16,
  bytea: 17,
  name: 19,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  oid: 26,
  json: 114,
  xml: 142,
  float4: 700,
  float8: 701,
  unknown: 705,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  timestamptz: 1184,
  numeric: 1700,
  regclass: 2205,
  void: 2278,
};

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const cstring = (value: string): Buffer => Buffer.from(`${value}\0`, 'utf8');
const bytesOf = (word: Word): Buffer => (Buffer.isBuffer(word) ? word : Buffer.from(word ?? '', 'utf8'));
const text = (word: Word | undefined): string => (word === undefined ? '' : bytesOf(word).toString('utf8'));

/** A message with a type byte. The length counts itself, not the type. */
export function frame(type: string, ...body: readonly Buffer[]): Buffer {
  const joined = Buffer.concat(body);
  return Buffer.concat([Buffer.from(type, 'latin1'), int32(joined.length + 4), joined]);
}

/** A message of the startup phase, without a type byte. */
export function startupFrame(code: number, ...body: readonly Buffer[]): Buffer {
  const joined = Buffer.concat(body);
  return Buffer.concat([int32(joined.length + 8), int32(code), joined]);
}

export const SSL_REQUEST = 80877103;
export const GSSENC_REQUEST = 80877104;
export const CANCEL_REQUEST = 80877102;

const formats = (option: string | undefined): Buffer[] => {
  const codes = option === undefined ? [] : option.split(',');
  return [
    int16(codes.length),
    ...codes.map((code) => int16(code === 'binary' ? 1 : Number(code === 'text' ? 0 : code))),
  ];
};

const typeOid = (name: Word): Buffer => {
  const oid = TYPE_OIDS[text(name)];
  if (oid === undefined) throw new Error(`unknown type ${text(name)}`);
  return int32(oid);
};

const parameterValue = (word: Word): Buffer =>
  word === null ? int32(-1) : Buffer.concat([int32(bytesOf(word).length), bytesOf(word)]);

/** `statement` and `portal` stand for the S and P of Describe and Close. */
const kindAndName = ([kind, name]: readonly Word[]): Buffer[] => {
  const letter = { statement: 'S', portal: 'P' }[text(kind)] ?? text(kind);
  return [Buffer.from(letter, 'latin1'), cstring(text(name))];
};

function startupMessage(line: Line): Buffer {
  const [major, minor] = text(line.words[0]).split('.').map(Number);
  const fields = Object.entries(line.options).flatMap(([name, value]) => [cstring(name), cstring(value)]);
  return startupFrame((major! << 16) + minor!, ...fields, Buffer.from([0]));
}

/** The bytes of one line; throws for a type it does not know. */
export function encodeLine(line: Line): Buffer {
  const [first, second, ...rest] = line.words;
  switch (line.type) {
    case 'Query':
      return frame('Q', cstring(text(first)));
    case 'Parse':
      return frame(
        'P',
        cstring(text(first)),
        cstring(text(second)),
        int16(rest.length),
        ...rest.map(typeOid),
      );
    case 'Bind':
      return frame(
        'B',
        cstring(text(first)),
        cstring(text(second)),
        ...formats(line.options.formats),
        int16(rest.length),
        ...rest.map(parameterValue),
        ...formats(line.options.results),
      );
    case 'Describe':
      return frame('D', ...kindAndName(line.words));
    case 'Close':
      return frame('C', ...kindAndName(line.words));
    case 'Execute':
      return frame('E', cstring(text(first)), int32(Number(line.options.max ?? 0)));
    case 'Sync':
      return frame('S');
    case 'Flush':
      return frame('H');
    case 'CopyData':
      return frame('d', bytesOf(first ?? ''));
    case 'CopyDone':
      return frame('c');
    case 'CopyFail':
      return frame('f', cstring(text(first)));
    case 'FunctionCall': // no arguments, result as text
      return frame('F', int32(Number(text(first))), int16(0), int16(0), int16(0));
    case 'PasswordMessage':
      return frame('p', cstring(text(first)));
    case 'Terminate':
      return frame('X');
    case 'StartupMessage':
      return startupMessage(line);
    case 'SSLRequest':
      return startupFrame(SSL_REQUEST);
    case 'GSSENCRequest':
      return startupFrame(GSSENC_REQUEST);
    case 'Frame': // any type with any body
      return frame(text(first), bytesOf(second ?? ''));
    case 'Bytes': // anything at all
      return bytesOf(first ?? '');
    default:
      throw new Error(`unknown frontend message ${line.type}`);
  }
}
