import type { SpooledEvent } from './events.ts';
import type { Decision, EventSearch } from './trail-source.ts';

/** What overviews count, besides verdicts. */
export type Counted = Decision | 'alarm';

/** Numbers of the statements of a session that a block has events of; `first` 0: its beginning, or end, is there. */
interface Numbers {
  first: number;
  last: number;
}

const MEMBERS = ['grant', 'principal', 'database', 'session'] as const;

/** Some hundred events that stand together in a segment, and what is known of them without reading them again. */
export class IndexBlock {
  readonly segment: number;
  /** Bytes of the segment: from inclusive, to exclusive. */
  readonly start: number;
  end: number;
  lines = 0;
  /** Unix ms. */
  earliest = Number.POSITIVE_INFINITY;
  latest = Number.NEGATIVE_INFINITY;
  readonly sessions = new Map<string, Numbers>();
  /** Decisions and alarms, in their order: what, when (Unix ms) and on which database. */
  readonly counted: Counted[] = [];
  readonly times: number[] = [];
  readonly databases: string[] = [];
  readonly #has = new Set<string>();

  constructor(segment: number, start: number) {
    this.segment = segment;
    this.start = start;
    this.end = start;
  }

  get bytes(): number {
    return this.end - this.start;
  }

  note(event: SpooledEvent): void {
    const at = Date.parse(event.at);
    if (at < this.earliest) this.earliest = at;
    if (at > this.latest) this.latest = at;
    this.#has.add(`type:${event.type}`);
    for (const name of MEMBERS) {
      const value = (event as Partial<Record<typeof name, unknown>>)[name];
      if (typeof value === 'string') this.#has.add(`${name}:${value}`);
    }
    if ('session' in event && event.session !== null) this.#noteSession(event.session, event);
    if (event.type === 'statement') this.#count(event.decision, at, event.database);
    if (event.type === 'risk.flag') this.#count('alarm', at, event.database);
  }

  /** Whether one of its events may be wanted: what is false is certain. */
  mayHave(search: Pick<EventSearch, 'types' | 'from' | 'to' | (typeof MEMBERS)[number]>): boolean {
    const { types, from, to } = search;
    if (from !== undefined && this.latest < from) return false;
    if (to !== undefined && this.earliest >= to) return false;
    if (types !== undefined && !types.some((type) => this.#has.has(`type:${type}`))) return false;
    return MEMBERS.every((name) => search[name] === undefined || this.#has.has(`${name}:${search[name]}`));
  }

  #count(what: Counted, at: number, database: string): void {
    this.counted.push(what);
    this.times.push(at);
    this.databases.push(database);
  }

  #noteSession(session: string, event: SpooledEvent): void {
    const number = 'statement' in event && typeof event.statement === 'number' ? event.statement : 0;
    const known = this.sessions.get(session);
    if (known === undefined) this.sessions.set(session, { first: number, last: number });
    else {
      known.first = Math.min(known.first, number);
      known.last = Math.max(known.last, number);
    }
  }
}
