/** What events of requests and held statements come to, in words for one line. */
import type { SpooledEvent } from '../audit/events.ts';
import { type Words, who } from './audit-words.ts';
import { clean } from './clean.ts';

type RequestEvent = Extract<SpooledEvent, { type: `request.${string}` }>;

export function requested(event: RequestEvent): Words {
  switch (event.type) {
    case 'request.create': {
      const { request, principal, database, reason, outcome, rule } = event;
      const text = `${request} on ${database}: ${reason} (${outcome}: ${rule ?? 'no rule'})`;
      return [principal, 'plain', 'asks', clean(text)];
    }
    case 'request.approve': {
      const grant = event.grant === null ? '' : ` (grant ${event.grant})`;
      return [event.by, 'plain', 'approves', clean(`${event.request}${grant} ${event.comment}`)];
    }
    case 'request.deny':
      return [event.by, 'plain', 'denies', clean(`${event.request}: ${event.reason}`)];
    case 'request.withdraw':
      return [event.by, 'plain', 'withdraws', clean(event.request)];
    case 'request.expire':
      return [event.request, 'dim', 'expires', ''];
    case 'request.emergency':
      return [who(event), 'bad', 'emergency', clean(`${event.request} (grant ${event.grant})`)];
    case 'request.review':
      return [event.by, 'mark', 'reviews', clean(`${event.request}: ${event.finding}, ${event.comment}`)];
    default:
      return event satisfies never;
  }
}

type HoldEvent = Extract<SpooledEvent, { type: `hold.${string}` }>;

export function held(event: HoldEvent): Words {
  switch (event.type) {
    case 'hold.ask':
      return [who(event), 'mark', 'held', clean(`${event.hold}: ${event.sql}`).slice(0, 300)];
    case 'hold.approve':
      return [event.by, 'plain', 'approves', clean(`${event.hold} ${event.comment}`)];
    case 'hold.deny':
      return [event.by, 'plain', 'denies', clean(`${event.hold}: ${event.reason}`)];
    case 'hold.end': {
      const by = event.by === null ? '' : ` by ${event.by}`;
      const seconds = (event.waitedMs / 1000).toFixed(1);
      return [who(event), 'mark', 'held', clean(`${event.hold}: ${event.outcome}${by} after ${seconds} s`)];
    }
    default:
      return event satisfies never;
  }
}
