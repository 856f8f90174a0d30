import { hash } from 'node:crypto';
import type { AuditEvent, AuditEventType } from './events.ts';

/** The union's types as a value; the compiler keeps the two the same. */
const TYPES: Readonly<Record<AuditEventType, true>> = {
  'node.start': true,
  'node.stop': true,
  'spool.recovered': true,
  'grant.create': true,
  'grant.revoke': true,
  'login.refused': true,
  'session.start': true,
  'session.end': true,
  statement: true,
  'statement.end': true,
  cancel: true,
  'protocol.violation': true,
};
export const EVENT_TYPES = Object.keys(TYPES) as readonly AuditEventType[];
const KNOWN: ReadonlySet<string> = new Set(EVENT_TYPES);

/**
 * A token of ours that found its way into an event (sent as SQL, quoted in a connection string). Defence in depth only:
 * real ones have 28 characters; far shorter words are left alone, or calling a table `pst_x` would hide it from the
 * trail. The digest tells two of them apart and gives nothing away.
 */
const TOKEN = /pst_[A-Za-z0-9]{16,}/g;
const mask = (token: string): string => `pst_***${hash('sha256', token, 'hex').slice(0, 8)}`;

/**
 * The members of an event as JSON, without braces, tokens masked. JSON.stringify takes 0.7 us for a statement event;
 * pieces put together by hand were no faster.
 * @throws TypeError for anything outside the union
 */
export function serialize(event: AuditEvent): string {
  if (!KNOWN.has(event.type)) throw new TypeError(`not an audit event: ${String(event.type)}`);
  if ('prev' in event || 'seq' in event || 'at' in event || 'node' in event || 'hash' in event)
    throw new TypeError('an audit event cannot set prev, seq, at, node or hash'); // it could forge its place in the chain
  const json = JSON.stringify(event);
  const fields = json.slice(1, -1);
  return fields.includes('pst_') ? fields.replace(TOKEN, mask) : fields;
}
