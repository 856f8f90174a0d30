/** Events of the trail: found, and taken along. */
import { Readable } from 'node:stream';
import type { Principal } from '../../access/accounts/principal.ts';
import type { RecordEvent } from '../../access/grant-store.ts';
import type { SpooledEvent } from '../../audit/events.ts';
import { exportEvents } from '../../audit/export.ts';
import type { EventSearch, Page, TrailSource } from '../../audit/trail-source.ts';
import { type ApiRoute, conflict, route } from './api-route.ts';
import { clientOf } from './caller.ts';
import type { Cursors } from './cursors.ts';
import { asConflict } from './domain-faults.ts';
import { eventQuery, eventsAnswer, exportQuery } from './event-schema.ts';
import { keepPace, type Pace } from './pace.ts';
import { notNow } from './refusals.ts';
import { OVERSEERS } from './visibility.ts';
import { principalToAsk, seesEvent } from './visible-events.ts';

export interface EventRouteParts {
  readonly source: TrailSource;
  readonly cursors: Cursors;
  readonly record: RecordEvent;
  readonly pace: Pace;
}

/** Each reads the trail for some tenths of a second at most. */
const SHARE_OF_SEARCHES = 1 / 2;
/** Each reads the trail for as long as it takes, and as its client does. */
const SHARE_OF_EXPORTS = 1 / 60;
const MOST_EXPORTS = 8;
/** Events that an export asks for at one time. */
const PART = 1_000;

type Question = Omit<EventSearch, 'limit' | 'cursor'>;
const NOTHING: Page<SpooledEvent> = { items: [], next: null };

export function eventRoutes({ source, cursors, record, pace }: EventRouteParts): readonly ApiRoute[] {
  /** Who takes something along now. */
  const exporting = new Set<string>();

  /** A page of what they may see of it. */
  async function found(principal: Principal, search: EventSearch): Promise<Page<SpooledEvent>> {
    const whose = principalToAsk(principal, search.principal);
    if (whose === 'nobody') return NOTHING;
    const { items, next } = await source.events({ ...search, ...whose });
    return { items: items.filter((event) => seesEvent(principal, event)), next };
  }

  const list = route(
    ['requester', ...OVERSEERS],
    {
      ...{ method: 'GET', url: '/v1/events', operationId: 'listEvents', query: eventQuery },
      answer: eventsAnswer,
      summary: 'Events of the trail that are searched for: your own, or all for those who watch over them.',
    },
    async ({ principal, query: { limit, cursor, ...question } }) => {
      await keepPace(pace, `searches of ${principal.id}`, SHARE_OF_SEARCHES);
      const { items, next } = await cursors.page([principal.id, 'listEvents', question], cursor, (at) =>
        found(principal, { ...question, limit, ...at }).catch(asConflict),
      );
      return { events: items, next };
    },
  );

  /** All of it, a part at a time as it is taken. */
  async function* all(principal: Principal, question: Question): AsyncGenerator<SpooledEvent> {
    let at: { cursor?: string } = {};
    for (;;) {
      const { items, next } = await found(principal, { ...question, ...at, limit: PART });
      yield* items;
      if (next === null) return;
      at = { cursor: next };
    }
  }

  const take = route(
    ['requester', ...OVERSEERS],
    {
      ...{ method: 'GET', url: '/v1/events/export', operationId: 'exportEvents', query: exportQuery },
      summary:
        'The same as a file, up to now: NDJSON as it stands in the trail, or CSV. The trail has who took it.',
    },
    async ({ principal, reply, caller, query: { format, ...question } }) => {
      await keepPace(pace, `exports of ${principal.id}`, SHARE_OF_EXPORTS);
      const by = principal.id;
      if (exporting.has(by)) throw conflict('your export before this one is still being written');
      if (exporting.size >= MOST_EXPORTS) throw notNow('too many exports are being written');
      const search = { ...question, to: Math.min(question.to ?? Number.POSITIVE_INFINITY, Date.now()) };
      exporting.add(by);
      const over = (): boolean => exporting.delete(by);
      const told = { type: 'trail.export', by, format, question: search, client: clientOf(caller) } as const;
      try {
        await record(told);
      } catch (fault) {
        over();
        throw fault;
      }
      const text = Readable.from(exportEvents(all(principal, search), format));
      text.once('close', over);
      return reply
        .type(TYPES[format])
        .header('content-disposition', `attachment; filename="postern-trail.${format}"`)
        .send(text);
    },
  );

  return [list, take];
}

const TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv; charset=utf-8; header=present' } as const;
