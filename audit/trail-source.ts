/** What reviewers ask of the trail, wherever it is read: in the spool of one node, or in the store of all. */
import type { AuditEvent, AuditEventType, SpooledEvent } from './events.ts';
import type { EventFilter } from './filter.ts';
import type { SessionTimeline } from './session-timeline.ts';

/** An event of one type, as it stands in the trail. */
export type EventOf<T extends AuditEventType> = SpooledEvent & Extract<AuditEvent, { readonly type: T }>;

export type Decision = EventOf<'statement'>['decision'];

/** A part of a longer list. `next`: `cursor` of the part after it; null: there is none. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface PageRequest {
  /** From 1 to 1,000. */
  readonly limit: number;
  /** Opaque, of a page with the same question; absent: from the beginning. */
  readonly cursor?: string;
}

/** Absent members want all; those that are there, together. */
export interface EventSearch extends EventFilter, PageRequest {
  /** Words, all of which are in the statement, reason, message or name of the event; case does not count. */
  readonly text?: string;
  /** Of what a statement needs: `select`; `public.orders`, also where only some of its columns are named. */
  readonly action?: string;
  readonly relation?: string;
  readonly decision?: Decision;
  /** In [0, 1]: the least score of an alarm. */
  readonly risk?: number;
  readonly order: 'newest' | 'oldest';
}

/** A session, and what it has come to so far. */
export interface TrailSession {
  readonly session: string;
  readonly grant: string;
  readonly principal: string;
  readonly database: string;
  /** `ip:port` */
  readonly client: string;
  readonly application: string | null;
  readonly node: string;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  /** null: it is open, or its end was never written (its process was killed). */
  readonly endedAt: string | null;
  readonly endReason: EventOf<'session.end'>['reason'] | null;
  readonly endDetail: string | null;
  readonly statements: number;
  readonly denied: number;
  readonly rows: number;
  readonly bytes: number;
  readonly alarms: number;
  /** In [0, 1]: the highest of its alarms; null: none had a score. */
  readonly risk: number | null;
  /** In [0, 1], the oldest first: of the last twenty statements that the model looked at, or of the session at each. */
  readonly scores: readonly number[];
}

export interface SessionSearch extends PageRequest {
  readonly principal?: string;
  readonly database?: string;
  readonly grant?: string;
  /** Unix times in ms of its start, from inclusive, to exclusive. */
  readonly from?: number;
  readonly to?: number;
}

/** A statement of a session with what came of it. */
export interface TrailStatement {
  readonly statement: EventOf<'statement'>;
  readonly end: EventOf<'statement.end'> | null;
  readonly alarm: Alarm | null;
}

/** An alarm, and the last word on it. */
export interface Alarm {
  readonly flag: EventOf<'risk.flag'>;
  readonly verdict: EventOf<'risk.verdict'> | null;
}

export interface AlarmSearch extends PageRequest {
  /** `open`: without a verdict; the oldest first, of a day the riskiest first. `judged`: the last judged first. */
  readonly state: 'open' | 'judged';
  readonly principal?: string;
  readonly database?: string;
}

/** How many in one stretch of time. */
export interface Tally {
  /** Its beginning, ISO 8601 UTC. */
  readonly at: string;
  readonly decisions: Readonly<Record<Decision, number>>;
  readonly alarms: number;
  readonly verdicts: { readonly true: number; readonly false: number };
}

export interface TallyRequest {
  /** Unix times in ms. */
  readonly from: number;
  readonly to: number;
  /** Length of a stretch in ms; at most 1,000 of them. */
  readonly stretch: number;
  readonly database?: string;
}

/** Every method rejects with an Error that says what to do when the trail can't be read. */
export interface TrailSource {
  events(search: EventSearch): Promise<Page<SpooledEvent>>;
  /** The newest first. */
  sessions(search: SessionSearch): Promise<Page<TrailSession>>;
  /** Those that are known, in no order. */
  sessionsById(ids: readonly string[]): Promise<readonly TrailSession[]>;
  /** In their order, from the one with number `from` on. */
  statements(session: string, from: number, limit: number): Promise<readonly TrailStatement[]>;
  /** All of a session in at most so many columns; null: it is not known. */
  timeline(session: string, columns: number): Promise<SessionTimeline | null>;
  alarms(search: AlarmSearch): Promise<Page<Alarm>>;
  alarm(id: string): Promise<Alarm | null>;
  /** Stretches in which nothing was are there too. */
  tally(request: TallyRequest): Promise<readonly Tally[]>;
  /** Events that come from now on, in the order in which this source learns of them; ends when `signal` aborts, or the source is closed. */
  follow(filter: EventFilter, signal: AbortSignal): AsyncGenerator<SpooledEvent>;
  /** Sessions, alarms and counts are known from this time on, ISO 8601 UTC; events are, of all time. null: all are. */
  knownSince(): Promise<string | null>;
  close(): Promise<void>;
}
