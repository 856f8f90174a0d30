import { HabitFilter, type HabitMark } from './habit-filter.ts';
import {
  addCounts,
  daysIn,
  type HabitCounts,
  type HabitMeasure,
  perDayIn,
  usualIn,
} from './habit-measures.ts';

/** Whose habits: of a principal, a team or an application on one database, or of all who use it. */
export interface HabitSubject {
  readonly kind: 'principal' | 'team' | 'application' | 'database';
  /** Of a database: the same as `database`. */
  readonly name: string;
  readonly database: string;
}

/** What one period has left in Redis. */
export interface HabitPage {
  readonly filter: HabitFilter;
  readonly counts: HabitCounts;
}

export const emptyPage = (): HabitPage => ({ filter: new HabitFilter(null), counts: {} });

/** Days with a session until a subject's own habits are enough to judge by. */
const SEASONED_DAYS = 5;

/**
 * What is usual for one subject, as this process knows it: the period that runs and the one before. Read without asking
 * anybody.
 */
export class HabitBook {
  readonly subject: HabitSubject;
  #now = emptyPage();
  #before = emptyPage();
  #counts: HabitCounts = {};

  constructor(subject: HabitSubject) {
    this.subject = subject;
  }

  has(mark: HabitMark): boolean {
    return this.#now.filter.has(mark) || this.#before.filter.has(mark);
  }

  /** Has been seen, but not in the period that runs: forgotten with the next unless it is learned again. */
  fades(mark: HabitMark): boolean {
    return !this.#now.filter.has(mark);
  }

  /** Has habits of its own, rather than those of its first days. */
  get seasoned(): boolean {
    return daysIn(this.#counts) >= SEASONED_DAYS;
  }

  get sessions(): number {
    return this.#counts.sessions ?? 0;
  }

  /** What 99 of 100 of its sessions stay within; null: not known. */
  usual(measure: HabitMeasure): number | null {
    return usualIn(this.#counts, measure);
  }

  /** Unusual statements that were scored on a day; null: not known. */
  get scoredPerDay(): number | null {
    return perDayIn(this.#counts, 'scored');
  }

  get spoilt(): boolean {
    return this.#now.filter.spoilt || this.#before.filter.spoilt;
  }

  /** Is told by Redis. */
  turnTo(now: HabitPage, before: HabitPage): void {
    this.#now = now;
    this.#before = before;
    this.#counts = addCounts(now.counts, before.counts);
  }

  /** Learned here, on its way to Redis. */
  note(marks: readonly HabitMark[]): void {
    for (const mark of marks) this.#now.filter.add(mark);
  }
}
