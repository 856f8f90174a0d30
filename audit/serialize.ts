import { type ByteWriter, piece } from './byte-writer.ts';
import type { AuditEvent, AuditEventType, SessionRef } from './events.ts';
import { masked, maskedValues } from './masked.ts';

/** The union's types as a value; the compiler keeps the two the same. */
const TYPES: Readonly<Record<AuditEventType, true>> = {
  'node.start': true,
  'node.stop': true,
  'spool.recovered': true,
  'request.create': true,
  'request.approve': true,
  'request.deny': true,
  'request.withdraw': true,
  'request.expire': true,
  'request.emergency': true,
  'request.review': true,
  'grant.create': true,
  'grant.revoke': true,
  'grant.return': true,
  'grant.expire': true,
  'grant.extend': true,
  'policy.change': true,
  'policy.refuse': true,
  'hold.ask': true,
  'hold.approve': true,
  'hold.deny': true,
  'hold.end': true,
  'role.create': true,
  'role.drop': true,
  'login.refused': true,
  'session.start': true,
  'session.end': true,
  statement: true,
  'statement.end': true,
  'risk.flag': true,
  'risk.drift': true,
  'risk.verdict': true,
  'model.request': true,
  'model.answer': true,
  cancel: true,
  'protocol.violation': true,
  'account.add': true,
  'account.change': true,
  'token.create': true,
  'token.revoke': true,
  'api.login': true,
  'api.logout': true,
  'api.refused': true,
  'trail.export': true,
  'trail.verify': true,
};
export const EVENT_TYPES = Object.keys(TYPES) as readonly AuditEventType[];
const KNOWN: ReadonlySet<string> = new Set(EVENT_TYPES);

/**
 * Writes the members of an event as JSON, without braces, secrets masked.
 * @throws TypeError for anything outside the union
 */
export function serialize(event: AuditEvent, line: ByteWriter): void {
  switch (event.type) {
    case 'statement':
      return statementFields(event, line);
    case 'statement.end':
      return statementEndFields(event, line);
    default:
      return otherFields(event, line);
  }
}

type EventOf<T extends AuditEventType> = Extract<AuditEvent, { readonly type: T }>;

function otherFields(event: AuditEvent, line: ByteWriter): void {
  if (!KNOWN.has(event.type)) throw new TypeError(`not an audit event: ${String(event.type)}`);
  if ('prev' in event || 'seq' in event || 'at' in event || 'node' in event || 'hash' in event)
    throw new TypeError('an audit event cannot set prev, seq, at, node or hash'); // it could forge its place in the chain
  line.text(maskedValues(event).slice(1, -1));
}

/** The two events of every statement are put together from pieces, most of which were made, and masked, before. */
function statementFields(event: EventOf<'statement'>, line: ByteWriter): void {
  const { statement, via, decision, inFull, reasons, sqlstate, parameters, hold } = event;
  const { risk, sessionRisk } = event;
  line.bytes(STATEMENT);
  line.bytes(sessionFields(event));
  line.bytes(NUMBER);
  line.number(statement);
  line.bytes(VIA);
  line.ascii(via);
  line.bytes(DECISION);
  line.ascii(decision);
  line.bytes(TEXT);
  textFields(event, line);
  if (inFull !== undefined) {
    line.bytes(IN_FULL);
    line.number(inFull);
  }
  if (reasons.length === 0 && sqlstate === null) line.bytes(NO_REASONS);
  else line.text(`,"reasons":${maskedValues(reasons)},"sqlstate":${quoted(sqlstate)}`);
  if (parameters !== undefined) values(parameters, line);
  if (hold !== undefined) line.text(`,"hold":${quoted(hold)}`);
  if (risk !== undefined) line.ascii(`,"risk":${risk}`);
  if (sessionRisk !== undefined) line.ascii(`,"sessionRisk":${sessionRisk}`);
}

function statementEndFields(event: EventOf<'statement.end'>, line: ByteWriter): void {
  const { statement, rows, bytes, durationMs, tag, sqlstate, cut } = event;
  line.bytes(STATEMENT_END);
  line.bytes(sessionFields(event));
  line.bytes(NUMBER);
  line.number(statement);
  line.bytes(ROWS);
  line.number(rows);
  line.bytes(BYTES);
  line.number(bytes);
  line.bytes(DURATION);
  line.thousandths(durationMs);
  line.bytes(TAG);
  if (tag !== null && PLAIN_TAG.test(tag)) {
    line.bytes(QUOTE);
    line.ascii(tag);
    line.bytes(QUOTE);
  } else {
    line.text(quoted(tag));
  }
  if (sqlstate === null && cut === null) line.bytes(NO_ERROR);
  else line.text(`,"sqlstate":${quoted(sqlstate)},"cut":${quoted(cut)}`);
}

const STATEMENT = piece('"type":"statement",');
const STATEMENT_END = piece('"type":"statement.end",');
const NUMBER = piece(',"statement":');
const VIA = piece(',"via":"');
const DECISION = piece('","decision":"');
const TEXT = piece('",');
const SQL = piece('"sql":');
const IN_FULL = piece(',"inFull":');
const NO_REASONS = piece(',"reasons":[],"sqlstate":null');
const PARAMETERS = piece(',"parameters":');
const [FIRST, NEXT, LAST, EMPTY] = [piece('["'), piece('","'), piece('"]'), piece('[]')];
const ROWS = piece(',"rows":');
const BYTES = piece(',"bytes":');
const DURATION = piece(',"durationMs":');
const TAG = piece(',"tag":');
const QUOTE = piece('"');
const NO_ERROR = piece(',"sqlstate":null,"cut":null');
const PLAIN_TAG = /^[A-Z0-9 ]{0,64}$/;

const quoted = (text: string | null): string => (text === null ? 'null' : masked(JSON.stringify(text)));

/** Numbers, dates, UUIDs: nothing to quote, nor to mask. */
const PLAIN_VALUE = /^[0-9a-f:.+-]{0,64}$/;

function values(parameters: readonly (string | null)[], line: ByteWriter): void {
  line.bytes(PARAMETERS);
  if (!parameters.every(isPlain)) return line.text(maskedValues(parameters));
  for (let i = 0; i < parameters.length; i++) {
    line.bytes(i === 0 ? FIRST : NEXT);
    line.ascii(parameters[i]!);
  }
  line.bytes(parameters.length === 0 ? EMPTY : LAST);
}

const isPlain = (value: string | null): boolean => value !== null && PLAIN_VALUE.test(value);

/** Pieces of the last sessions; more are made again. */
const MOST_SESSIONS = 10_000;
const sessions = new Map<string, { readonly ref: SessionRef; readonly fields: Buffer }>();

function sessionFields(event: SessionRef): Buffer {
  const known = sessions.get(event.session);
  if (known !== undefined && sameSession(known.ref, event)) return known.fields;
  const { session, grant, principal, database, client } = event;
  const ref = { session, grant, principal, database, client };
  const fields = Buffer.from(masked(JSON.stringify(ref).slice(1, -1)));
  if (sessions.size >= MOST_SESSIONS) sessions.clear();
  sessions.set(session, { ref, fields });
  return fields;
}

const sameSession = (one: SessionRef, other: SessionRef): boolean =>
  one.grant === other.grant &&
  one.principal === other.principal &&
  one.database === other.database &&
  one.client === other.client;

/** What is said of a text, by its needs: a verdict that is used again brings the same array, also for other constants. */
interface TextPieces {
  readonly tags: readonly string[];
  /** What stands behind the text. */
  readonly rest: Buffer;
  /** The text that `whole` is of, rest and all, and the last other one: it is the next if it comes twice in a row. */
  sql: string | null;
  whole: Buffer | null;
  other: string | null;
}
const texts = new WeakMap<object, TextPieces>();

function textFields({ sql, sqlJson, tags, needs }: EventOf<'statement'>, line: ByteWriter): void {
  let known = texts.get(needs);
  if (known === undefined || known.tags !== tags) {
    const rest = Buffer.from(`,${masked(JSON.stringify({ tags, needs }).slice(1, -1))}`);
    known = { tags, rest, sql: null, whole: null, other: sqlJson === undefined ? sql : null };
    texts.set(needs, known);
  }
  if (sqlJson !== undefined) {
    line.bytes(SQL);
    line.bytes(sqlJson);
    return line.bytes(known.rest);
  }
  if (known.whole !== null && known.sql === sql) return line.bytes(known.whole);
  const from = line.length;
  line.bytes(SQL);
  line.text(masked(JSON.stringify(sql)));
  line.bytes(known.rest);
  if (known.other === sql) {
    known.sql = sql;
    known.whole = Buffer.from(line.view(from, line.length));
  }
  known.other = sql;
}
