import type { Fields } from './chain.ts';
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
 * The members of an event as JSON, without braces, secrets masked.
 * @throws TypeError for anything outside the union
 */
export function serialize(event: AuditEvent): Fields {
  if (!KNOWN.has(event.type)) throw new TypeError(`not an audit event: ${String(event.type)}`);
  if ('prev' in event || 'seq' in event || 'at' in event || 'node' in event || 'hash' in event)
    throw new TypeError('an audit event cannot set prev, seq, at, node or hash'); // it could forge its place in the chain
  switch (event.type) {
    case 'statement':
      return statementFields(event);
    case 'statement.end':
      return statementEndFields(event);
    default:
      return maskedValues(event).slice(1, -1);
  }
}

type EventOf<T extends AuditEventType> = Extract<AuditEvent, { readonly type: T }>;

/** The two events of every statement are put together from pieces, most of which were made, and masked, before. */
function statementFields(event: EventOf<'statement'>): Fields {
  const { statement, via, decision, inFull, reasons, sqlstate, parameters, hold, sqlJson } = event;
  const { risk, sessionRisk } = event;
  const place = `"type":"statement",${sessionFields(event)},"statement":${statement}`;
  const before = `${place},"via":"${via}","decision":"${decision}"`;
  const outcome = `"reasons":${reasons.length === 0 ? '[]' : maskedValues(reasons)},"sqlstate":${quoted(sqlstate)}`;
  const known = inFull === undefined ? '' : `,"inFull":${inFull}`;
  const values = parameters === undefined ? '' : `,"parameters":${maskedValues(parameters)}`;
  const held = hold === undefined ? '' : `,"hold":${quoted(hold)}`;
  const scored = risk === undefined ? '' : `,"risk":${risk}`;
  const session = sessionRisk === undefined ? '' : `,"sessionRisk":${sessionRisk}`;
  const after = `${known},${outcome}${values}${held}${scored}${session}`;
  if (sqlJson === undefined) return `${before},${textFields(event)}${after}`;
  const { tags, needs } = event;
  const rest = masked(JSON.stringify({ tags, needs }).slice(1, -1));
  return { before: `${before},"sql":`, text: sqlJson, after: `,${rest}${after}` };
}

function statementEndFields(event: EventOf<'statement.end'>): string {
  const { statement, rows, bytes, durationMs, tag, sqlstate, cut } = event;
  const place = `"type":"statement.end",${sessionFields(event)},"statement":${statement}`;
  const sums = `"rows":${rows},"bytes":${bytes},"durationMs":${durationMs}`;
  return `${place},${sums},"tag":${quoted(tag)},"sqlstate":${quoted(sqlstate)},"cut":${quoted(cut)}`;
}

const quoted = (text: string | null): string => (text === null ? 'null' : masked(JSON.stringify(text)));

/** Pieces of the last sessions; more are made again. */
const MOST_SESSIONS = 10_000;
const sessions = new Map<string, { readonly ref: SessionRef; readonly fields: string }>();

function sessionFields(event: SessionRef): string {
  const known = sessions.get(event.session);
  if (known !== undefined && sameSession(known.ref, event)) return known.fields;
  const { session, grant, principal, database, client } = event;
  const ref = { session, grant, principal, database, client };
  const fields = masked(JSON.stringify(ref).slice(1, -1));
  if (sessions.size >= MOST_SESSIONS) sessions.clear();
  sessions.set(session, { ref, fields });
  return fields;
}

const sameSession = (one: SessionRef, other: SessionRef): boolean =>
  one.grant === other.grant &&
  one.principal === other.principal &&
  one.database === other.database &&
  one.client === other.client;

/** Pieces of texts by their needs: a verdict that is used again brings the same array. */
const texts = new WeakMap<
  object,
  { readonly sql: string; readonly tags: readonly string[]; readonly fields: string }
>();

function textFields({ sql, tags, needs }: EventOf<'statement'>): string {
  const known = texts.get(needs);
  if (known !== undefined && known.sql === sql && known.tags === tags) return known.fields;
  const fields = masked(JSON.stringify({ sql, tags, needs }).slice(1, -1));
  texts.set(needs, { sql, tags, fields });
  return fields;
}
