/**
 * Backend messages -> lines of a trace. What varies from run to run is left out: OIDs of tables, process IDs, keys,
 * and the source file, line and routine of errors. Written apart from proxy/wire on purpose, as `frontend-text.ts`.
 */
import { TYPE_OIDS } from './frontend-text.ts';
import { quoteBytes, quoteName } from './words.ts';

const TYPE_NAMES = new Map(Object.entries(TYPE_OIDS).map(([name, oid]) => [oid, name]));
const FORMATS = ['text', 'binary'];

/** Reads one message body; throws RangeError past its end, so that a short message cannot look like a whole one. */
class BodyReader {
  #at = 0;
  readonly #body: Buffer;
  constructor(body: Buffer) {
    this.#body = body;
  }
  byte = (): number => this.bytes(1)[0]!;
  int16 = (): number => this.bytes(2).readInt16BE();
  int32 = (): number => this.bytes(4).readInt32BE();
  bytes(length: number): Buffer {
    if (this.#at + length > this.#body.length) throw new RangeError('message is shorter than it says');
    const slice = this.#body.subarray(this.#at, this.#at + length);
    this.#at += length;
    return slice;
  }
  cstring(): string {
    const end = this.#body.indexOf(0, this.#at);
    if (end < 0) throw new RangeError('string without end');
    const value = this.#body.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return value;
  }
  rest(): Buffer {
    return this.bytes(this.#body.length - this.#at);
  }
  list<T>(read: () => T): T[] {
    return Array.from({ length: this.int16() }, read);
  }
  end(): void {
    if (this.#at !== this.#body.length) throw new RangeError('message is longer than its fields');
  }
}

const typeName = (oid: number): string => TYPE_NAMES.get(oid) ?? (oid < 16384 ? String(oid) : 'user-defined');

function column(body: BodyReader): string {
  const name = body.cstring();
  body.int32(); // OID of the table: varies
  const attribute = body.int16();
  const type = body.int32();
  body.int16(); // size: follows from the type
  const modifier = body.int32();
  const format = body.int16();
  return [
    quoteName(name),
    `:${typeName(type)}`,
    modifier === -1 ? '' : `(${modifier})`,
    attribute === 0 ? '' : `#${attribute}`,
    format === 0 ? '' : `/${FORMATS[format]}`,
  ].join('');
}

/** Printed in this order; F, L and R (file, line, routine) are left out, V only if it differs from S. */
const ERROR_FIELDS: Readonly<Record<string, string>> = {
  P: 'position',
  p: 'internalPosition',
  q: 'internalQuery',
  D: 'detail',
  H: 'hint',
  W: 'where',
  s: 'schema',
  t: 'table',
  c: 'column',
  d: 'type',
  n: 'constraint',
};

function errorOrNotice(body: BodyReader): string {
  const fields = new Map<string, string>();
  for (let code = body.byte(); code !== 0; code = body.byte()) {
    fields.set(String.fromCharCode(code), body.cstring());
  }
  const severity =
    fields.get('S') === fields.get('V') ? fields.get('S') : `${fields.get('S')}/${fields.get('V')}`;
  const extra = Object.entries(ERROR_FIELDS).flatMap(([code, name]) => {
    const value = fields.get(code);
    return value === undefined ? [] : [`${name}=${/^\d+$/.test(value) ? value : JSON.stringify(value)}`];
  });
  return [severity, fields.get('C'), JSON.stringify(fields.get('M')), ...extra].join(' ');
}

function copyResponse(body: BodyReader): string {
  const overall = FORMATS[body.byte()];
  return `${overall} columns=${body.list(() => FORMATS[body.int16()]).join(',')}`;
}

function authentication(body: BodyReader): string {
  const code = body.int32();
  switch (code) {
    case 0:
      return 'AuthenticationOk';
    case 10: {
      const mechanisms: string[] = [];
      for (let name = body.cstring(); name !== ''; name = body.cstring()) mechanisms.push(name);
      return `AuthenticationSASL ${mechanisms.join(' ')}`;
    }
    case 11:
      body.rest();
      return 'AuthenticationSASLContinue';
    case 12:
      body.rest();
      return 'AuthenticationSASLFinal';
    default:
      body.rest();
      return `Authentication ${code}`;
  }
}

const RENDER: Readonly<Record<string, (body: BodyReader) => string>> = {
  R: authentication,
  K: (body) => {
    const pid = body.int32();
    return `BackendKeyData ${pid > 0 ? 'pid' : 'not-positive'} key=${body.rest().length === 4 ? 'short' : 'long'}`;
  },
  S: (body) => `ParameterStatus ${body.cstring()} ${JSON.stringify(body.cstring())}`,
  v: (body) => {
    const version = body.int32();
    const options = Array.from({ length: body.int32() }, () => quoteName(body.cstring()));
    // Servers print the minor number alone up to PostgreSQL 17's manual, the whole version in fact.
    return ['NegotiateProtocolVersion', `${version >> 16}.${version & 0xffff}`, ...options].join(' ');
  },
  Z: (body) => `ReadyForQuery ${String.fromCharCode(body.byte())}`,
  T: (body) => ['RowDescription', ...body.list(() => column(body))].join(' '),
  t: (body) => ['ParameterDescription', ...body.list(() => typeName(body.int32()))].join(' '),
  D: (body) => ['DataRow', ...body.list(() => value(body))].join(' '),
  C: (body) => `CommandComplete ${JSON.stringify(body.cstring())}`,
  I: () => 'EmptyQueryResponse',
  E: (body) => `ErrorResponse ${errorOrNotice(body)}`,
  N: (body) => `NoticeResponse ${errorOrNotice(body)}`,
  A: (body) => {
    body.int32(); // process ID of the notifier: varies
    return `NotificationResponse ${quoteName(body.cstring())} ${JSON.stringify(body.cstring())}`;
  },
  V: (body) => `FunctionCallResponse ${value(body)}`,
  '1': () => 'ParseComplete',
  '2': () => 'BindComplete',
  '3': () => 'CloseComplete',
  n: () => 'NoData',
  s: () => 'PortalSuspended',
  G: (body) => `CopyInResponse ${copyResponse(body)}`,
  H: (body) => `CopyOutResponse ${copyResponse(body)}`,
  d: (body) => `CopyData ${quoteBytes(body.rest())}`,
  c: () => 'CopyDone',
};

function value(body: BodyReader): string {
  const length = body.int32();
  return quoteBytes(length < 0 ? null : body.bytes(length));
}

export interface BackendFrame {
  /** The type byte as a character. */
  readonly type: string;
  readonly body: Buffer;
}

/** One line per message; throws when the body does not have exactly the fields of its type. */
export function renderFrame({ type, body }: BackendFrame): string {
  const render = RENDER[type];
  if (render === undefined) return `Unknown ${JSON.stringify(type)} ${quoteBytes(body)}`;
  const reader = new BodyReader(body);
  const line = render(reader).trimEnd();
  reader.end();
  return line;
}
