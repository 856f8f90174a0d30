import type { AuditEventType, SpooledEvent } from './events.ts';

/** Which events are wanted; an absent member wants all. An event that lacks a named member is not wanted. */
export interface EventFilter {
  readonly types?: readonly AuditEventType[];
  readonly grant?: string;
  readonly session?: string;
  readonly principal?: string;
  readonly database?: string;
  /** Unix times in ms, from inclusive, to exclusive. */
  readonly from?: number;
  readonly to?: number;
}

const MEMBERS = ['grant', 'session', 'principal', 'database'] as const;

export function matches(event: SpooledEvent, filter: EventFilter): boolean {
  if (filter.types !== undefined && !filter.types.includes(event.type)) return false;
  const at = Date.parse(event.at);
  if (filter.from !== undefined && at < filter.from) return false;
  if (filter.to !== undefined && at >= filter.to) return false;
  return MEMBERS.every((name) => filter[name] === undefined || member(event, name) === filter[name]);
}

const member = (event: SpooledEvent, name: (typeof MEMBERS)[number]): unknown =>
  (event as Partial<Record<typeof name, unknown>>)[name];
