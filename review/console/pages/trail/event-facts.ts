/** What of an event stands in a line: whoever it is about, where, and the most telling of the rest. */
import type { SpooledEvent } from '../../api/answers.ts';
import { duration } from '../../text/durations.ts';
import { byteSize, score, whole } from '../../text/quantities.ts';

export type Members = Readonly<Record<string, unknown>>;

export const membersOf = (event: SpooledEvent): Members => event as unknown as Members;

/** Names one of the trail's events, as long as it is there. */
export const eventKey = ({ hash }: SpooledEvent): string => hash;

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

const counted = (count: number, noun: string): string => `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;

export function whoOf(event: SpooledEvent): string {
  const { principal, by, account, id, actsFor } = membersOf(event);
  return text(principal) ?? text(by) ?? text(account) ?? text(actsFor) ?? text(id) ?? '';
}

export const whereOf = (event: SpooledEvent): string =>
  text(membersOf(event).database) ?? text(membersOf(event).node) ?? '';

/** Members that tell most, in this order, where an event is not told by its own rule. */
const TELLING = [
  ...['message', 'fault', 'text', 'reason', 'comment', 'note', 'finding', 'outcome', 'verdict'],
  ...['cause', 'detail', 'role', 'application', 'change', 'route', 'format', 'version', 'revision', 'alarm'],
];

export function summaryOf(event: SpooledEvent): string {
  switch (event.type) {
    case 'statement':
    case 'hold.ask':
      return event.sql;
    case 'statement.end':
      return [
        `${counted(event.rows, 'row')}, ${byteSize(event.bytes)}, ${duration(event.durationMs)}`,
        ...(event.sqlstate === null ? [] : [event.sqlstate]),
        ...(event.cut === null ? [] : [`cut by ${event.cut}`]),
      ].join(', ');
    case 'risk.flag': {
      const value = event.cause === 'session' ? event.sessionScore : event.score;
      return `${value === null ? event.cause : score(value)}  ${event.sql}`;
    }
    case 'session.end':
      return `${event.reason}, ${counted(event.statements, 'statement')}, ${whole(event.denied)} denied, ${counted(event.rows, 'row')}`;
    default: {
      const members = membersOf(event);
      return TELLING.flatMap((name) => text(members[name]) ?? [])
        .slice(0, 3)
        .join(' · ');
    }
  }
}
