import { BodyReader } from './body-reader.ts';
import { HEADER_LENGTH, TYPE_LENGTH } from './message-types.ts';
import { ProtocolError } from './protocol-error.ts';
import { readStartupPacket } from './startup-packet.ts';
import { BACKEND_SHAPES, type FieldKind, FRONTEND_SHAPES } from './trace-shapes.ts';

/**
 * Messages as lines of text in the manner of libpq's PQtrace: direction, length, name, fields, between tabs.
 *
 *   F	13	Query	 "SELECT 1"
 *   B	11	DataRow	 1 1 '1'
 *
 * Passwords, SASL data and cancel keys are never shown. What people's data may stand in (statement texts, parameters,
 * rows, COPY data, the texts of errors) is shown only on request; otherwise a line tells names, numbers and codes.
 */
export interface TraceOptions {
  readonly contents: boolean;
}

/** F: sent by the frontend, the client. */
export type Direction = 'F' | 'B';

/** One line, without a line end, for exactly one message: its type byte, length and body. */
export function traceFrame(direction: Direction, frame: Buffer, options: TraceOptions): string {
  const type = frame[0] as number;
  const unknown = `Unknown 0x${type.toString(16).padStart(2, '0')}`;
  const [name, ...kinds] = (direction === 'F' ? FRONTEND_SHAPES : BACKEND_SHAPES)[type] ?? [unknown, 'data'];
  const fields = showFields(kinds, frame.subarray(HEADER_LENGTH), options);
  return `${direction}\t${frame.readUInt32BE(TYPE_LENGTH)}\t${name}${fields && `\t${fields}`}`;
}

/** The same for a packet that comes before the protocol's version is agreed on. Throws ProtocolError if it is malformed. */
export function traceStartupPacket(packet: Buffer): string {
  return `F\t${packet.length}\t${showStartupPacket(packet)}`;
}

function showStartupPacket(bytes: Buffer): string {
  const packet = readStartupPacket(bytes);
  switch (packet.kind) {
    case 'incomplete':
      return 'Incomplete';
    case 'direct-tls':
      return 'TLS';
    case 'ssl':
      return 'SSLRequest';
    case 'gssenc':
      return 'GSSENCRequest';
    case 'cancel':
      return `CancelRequest\t ${packet.processId} ${SECRET}`;
    case 'startup': {
      const parameters = [...packet.parameters].map(([name, value]) => ` ${quote(name)} ${quote(value)}`);
      return `StartupMessage\t ${packet.major} ${packet.minor}${parameters.join('')}`;
    }
  }
}

const SECRET = '<secret>';
const HIDDEN = '<hidden>';

function showFields(kinds: readonly FieldKind[], body: Buffer, { contents }: TraceOptions): string {
  const reader = new BodyReader(body);
  const veil: Veil = (text) => (contents ? text() : HIDDEN);
  const shown: string[] = [];
  try {
    for (const kind of kinds) {
      for (const text of SHOW[kind](reader, veil)) shown.push(text);
    }
    reader.end();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    shown.push('<malformed>');
  }
  return shown.map((text) => ` ${text}`).join('');
}

/** Either the text or what stands for it. */
type Veil = (text: () => string) => string;
type Show = (reader: BodyReader, veil: Veil) => Iterable<string>;

const SHOW: Readonly<Record<FieldKind, Show>> = {
  byte: (reader) => [escaped(String.fromCharCode(reader.byte()))],
  int8: (reader) => [`${reader.byte()}`],
  int16: (reader) => [`${int16(reader)}`],
  int32: (reader) => [`${reader.int32()}`],
  name: (reader) => [quote(reader.lenientString())],
  content: (reader, veil) => [content(reader, veil)],
  value,
  int16s: (reader) => repeat(reader.uint16(), () => [`${int16(reader)}`]),
  int32s: (reader) => repeat(reader.uint16(), () => [`${reader.int32()}`]),
  values: (reader, veil) => repeat(reader.uint16(), () => value(reader, veil)),
  columns: (reader) => repeat(reader.uint16(), () => column(reader)),
  options: (reader) => repeat(reader.uint32(), () => [quote(reader.lenientString())]),
  error: errorFields,
  data: (reader, veil) => rest(reader, veil),
  secret: (reader) => rest(reader, () => SECRET),
};

function content(reader: BodyReader, veil: Veil): string {
  const text = reader.lenientString();
  return veil(() => quote(text));
}

/** A value with its length in front; -1 is NULL. */
function value(reader: BodyReader, veil: Veil): readonly string[] {
  const length = reader.int32();
  if (length === -1) return ['-1'];
  const bytes = reader.bytes(length);
  return [`${length}`, veil(() => quoteBytes(bytes))];
}

/** Name, table and its column, type with size and modifier, format. */
function column(reader: BodyReader): readonly string[] {
  const name = quote(reader.lenientString());
  const numbers = [
    reader.int32(),
    int16(reader),
    reader.int32(),
    int16(reader),
    reader.int32(),
    int16(reader),
  ];
  return [name, ...numbers.map(String)];
}

/** Severity, SQLSTATE and position hold nobody's data; the texts may quote it. */
function* errorFields(reader: BodyReader, veil: Veil): Iterable<string> {
  for (let code = reader.byte(); code !== 0; code = reader.byte()) {
    const letter = escaped(String.fromCharCode(code));
    yield letter;
    yield 'SVCP'.includes(letter) ? quote(reader.lenientString()) : content(reader, veil);
  }
}

function rest(reader: BodyReader, veil: Veil): readonly string[] {
  const bytes = reader.rest();
  return bytes.length === 0 ? [] : [veil(() => quoteBytes(bytes))];
}

function* repeat(count: number, item: () => Iterable<string>): Iterable<string> {
  yield `${count}`;
  for (let index = 0; index < count; index += 1) yield* item();
}

function int16(reader: BodyReader): number {
  return (reader.uint16() << 16) >> 16;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function quoteBytes(bytes: Buffer): string {
  return `'${escaped(bytes.toString('latin1'))}'`;
}

/** Of Latin-1, whatever is not printable ASCII. */
function escaped(text: string): string {
  return text.replace(/[^\x20-\x7e]|\\/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
