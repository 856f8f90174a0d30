import type { HabitSubject } from '../../../access/habit-book.ts';
import type { Habits } from '../../../access/habits.ts';
import type { SpooledEvent } from '../../../audit/events.ts';
import { clientThing } from '../session-context.ts';
import { needDetail, thingsIn } from '../statement-things.ts';
import type { LoggedStatement } from './log-statements.ts';

/** To whom a log's statements are taught to be usual, besides the database and the application. */
export interface Pupils {
  readonly database: string;
  readonly teams: readonly string[];
  readonly principals: readonly string[];
}

/** Statements between writes. */
const LESSON = 500;

/** Teaches habits from what has been, before anybody is watched by them. */
export class Teacher {
  readonly #habits: Habits;
  readonly #days = new Set<string>();
  readonly #known = new Set<string>();
  #taught = 0;

  constructor(habits: Habits) {
    this.#habits = habits;
  }

  /** Statements with forms or users that had not come before. */
  get taught(): number {
    return this.#taught;
  }

  async logged(
    { sql, application, at }: LoggedStatement,
    { database, teams, principals }: Pupils,
  ): Promise<void> {
    const subjects: readonly HabitSubject[] = [
      { kind: 'database', name: database, database },
      ...teams.map((name): HabitSubject => ({ kind: 'team', name, database })),
      ...principals.map((name): HabitSubject => ({ kind: 'principal', name, database })),
      ...applicationOf(application, database),
    ];
    await this.#teach(subjects, sql, [], application, at);
  }

  /** A statement that our own trail has as allowed. */
  async recorded(
    event: Extract<SpooledEvent, { type: 'statement' }>,
    application: string | null,
    teams: readonly string[],
  ): Promise<void> {
    const { principal, database, sql, needs } = event;
    const subjects: readonly HabitSubject[] = [
      { kind: 'principal', name: principal, database },
      { kind: 'database', name: database, database },
      ...teams.map((name): HabitSubject => ({ kind: 'team', name, database })),
      ...applicationOf(application, database),
    ];
    await this.#teach(subjects, sql, needs.map(needDetail), application, Date.parse(event.at));
  }

  async #teach(
    subjects: readonly HabitSubject[],
    sql: string,
    details: readonly string[],
    application: string | null,
    at: number | null,
  ): Promise<void> {
    const things = thingsIn(sql, details);
    const key = JSON.stringify([things.form, subjects]);
    for (const subject of subjects) this.#meet(subject, at);
    if (this.#known.has(key)) return;
    this.#known.add(key);
    const marks = [things.form, clientThing(application), ...things.details].map((thing) =>
      this.#habits.markOf(thing),
    );
    for (const subject of subjects) this.#habits.learn(subject, marks, null);
    if (++this.#taught % LESSON === 0) await this.#habits.flush();
  }

  /** So that habits of many days count as such. */
  #meet(subject: HabitSubject, at: number | null): void {
    if (at === null) return;
    const day = JSON.stringify([subject, new Date(at).toISOString().slice(0, 10)]);
    if (this.#days.has(day)) return;
    this.#days.add(day);
    this.#habits.count(subject, 'day', at);
  }
}

const applicationOf = (name: string | null, database: string): readonly HabitSubject[] =>
  name === null ? [] : [{ kind: 'application', name, database }];
