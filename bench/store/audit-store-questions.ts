import type { EventSearch, TrailSource } from '../../audit/trail-source.ts';
import type { Load } from './audit-store-load.ts';

/** A question as the console or an auditor asks it. `ask` takes the number of the time that it is asked. */
export interface Question {
  readonly page: string;
  readonly what: string;
  readonly ask: (time: number) => Promise<unknown>;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export function questionsOf(source: TrailSource, load: Load): readonly Question[] {
  const { from, to, sessions } = load;
  const pick = (time: number) => sessions[(time * 7_919) % sessions.length] as string;
  const person = (time: number) => `person${(time * 13) % 60}`;
  const table = (time: number) => `public.table_${(time * 31) % 250}`;
  const events = (what: string, search: (time: number) => Partial<EventSearch>): Question => ({
    ...{ page: 'Trail', what },
    ask: (time) =>
      source.events({ limit: 100, order: time % 2 === 0 ? 'newest' : 'oldest', ...search(time) }),
  });
  const later = (what: string, search: (time: number) => Partial<EventSearch>, pages: number): Question => ({
    ...{ page: 'Trail', what },
    ask: async (time) => {
      const question: EventSearch = { limit: 100, order: 'newest', ...search(time) };
      let cursor: string | undefined;
      for (let page = 0; page < pages; page += 1) {
        const { next } = await source.events({ ...question, ...(cursor !== undefined && { cursor }) });
        if (next === null) return;
        cursor = next;
      }
    },
  });
  const tally = (what: string, days: number, stretch: number): Question => ({
    ...{ page: 'Overview', what },
    ask: (time) => {
      const end = Math.floor(to / stretch) * stretch - (time % 5) * stretch;
      return source.tally({ from: end - days * DAY, to: end, stretch });
    },
  });
  return [
    events('all, either end', () => ({})),
    later('all, five pages in a row', () => ({}), 5),
    events('one type', (time) => ({ types: [time % 3 === 0 ? 'risk.flag' : 'session.start'] })),
    events('one principal', (time) => ({ principal: person(time) })),
    events('one who has left', () => ({ principal: load.leaver })),
    events('nobody', () => ({ principal: 'nobody' })),
    events('one grant', (time) => ({ grant: `g${((time * 97) % 20_000).toString(36).padStart(7, '0')}` })),
    events('one database', () => ({ database: 'logs' })),
    events('a day of one database', (time) => ({
      ...{ database: 'crm', from: from + (time % 80) * DAY, to: from + ((time % 80) + 1) * DAY },
    })),
    events('one relation', (time) => ({ relation: table(time) })),
    events('updates of one relation', (time) => ({ relation: table(time), action: 'update' })),
    events('what was denied', () => ({ decision: 'deny' })),
    events('what was denied to one', (time) => ({ decision: 'deny', principal: person(time) })),
    events('what was held, of one relation', (time) => ({ decision: 'hold', relation: table(time) })),
    events('alarms from 0.99 on', () => ({ risk: 0.99 })),
    events('a common word', () => ({ text: 'invoice' })),
    events('a rare word', () => ({ text: load.rare })),
    events('a word that is nowhere', () => ({ text: 'nowhere7' })),
    events('common words together', () => ({ text: 'select parcel owner region' })),
    events('words that are never together', () => ({ text: load.apart.join(' ') })),
    events('a rare word of one principal', (time) => ({ text: load.rare, principal: person(time) })),
    events('a number', (time) => ({ text: `${(time * 7_919) % 1e6}` })),
    events('a session', (time) => ({ session: pick(time) })),
    events('a word in the longest session', () => ({ session: load.longSession, text: 'alpha7' })),
    later('a relation, five pages in a row', (time) => ({ relation: table(time) }), 5),
    { page: 'Session', what: 'a session', ask: (time) => source.statements(pick(time), 1, 200) },
    {
      ...{ page: 'Session', what: 'the longest session, anywhere in it' },
      ask: (time) => source.statements(load.longSession, 1 + ((time * 4_999) % 50_000), 500),
    },
    {
      page: 'Session',
      what: 'all of the longest, at a glance',
      ask: () => source.timeline(load.longSession, 1_500),
    },
    {
      page: 'Live',
      what: '2,000 sessions by their ids',
      ask: () => source.sessionsById(sessions.slice(-2_000)),
    },
    { page: 'Sessions', what: 'the newest', ask: () => source.sessions({ limit: 100 }) },
    {
      ...{ page: 'Sessions', what: 'of one principal' },
      ask: (time) => source.sessions({ limit: 100, principal: person(time) }),
    },
    {
      ...{ page: 'Sessions', what: 'of one on one database' },
      ask: (time) => source.sessions({ limit: 100, principal: person(time), database: 'hr' }),
    },
    { page: 'Flags', what: 'open', ask: () => source.alarms({ state: 'open', limit: 100 }) },
    {
      ...{ page: 'Flags', what: 'open, of one' },
      ask: (time) => source.alarms({ state: 'open', limit: 100, principal: person(time) }),
    },
    tally('a day by 5 minutes', 1, 5 * 60_000),
    tally('a week by the hour', 7, HOUR),
    tally('90 days by the day', 90, DAY),
    tally('an hour by 7 seconds', 1 / 24, 7_000),
  ];
}
