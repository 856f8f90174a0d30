import type { HabitBook } from '../../access/habit-book.ts';
import type { HabitMark } from '../../access/habit-filter.ts';
import type { HabitMeasure } from '../../access/habit-measures.ts';

/**
 * What is usual for one session: what its principal does. While that one is new here, also what the teams and the
 * application do, and while they are, what anybody does on the database.
 */
export class Novelty {
  readonly #books: readonly HabitBook[];

  /** Principal first, database last. */
  constructor(books: readonly HabitBook[]) {
    this.#books = books;
  }

  isUsual(mark: HabitMark): boolean {
    return this.#judges().some((book) => book.has(mark));
  }

  /** To be learned, by one of the books at least: it is new there, or about to be forgotten. */
  isFresh(mark: HabitMark): boolean {
    return this.#books.some((book) => book.fades(mark));
  }

  /** To whom it is new, in words; null: to nobody. */
  newTo(mark: HabitMark): string | null {
    const names = this.#books
      .filter((book) => !book.has(mark))
      .map(({ subject: { kind, name } }) => nameOf(kind, name));
    return names.length === 0 ? null : names.join(', ');
  }

  /** What 99 of 100 sessions stay within; null: nobody knows. */
  usual(measure: HabitMeasure): number | null {
    for (const book of this.#judges()) {
      const usual = book.usual(measure);
      if (usual !== null) return usual;
    }
    return null;
  }

  /** Sessions of the principal; of the others while it has none. */
  get sessions(): number {
    return this.#books.find(({ sessions }) => sessions > 0)?.sessions ?? 0;
  }

  get seasoned(): boolean {
    return this.#books.some(({ seasoned }) => seasoned);
  }

  /** Asked each time: habits change while a session is open. */
  #judges(): readonly HabitBook[] {
    const judges: HabitBook[] = [];
    for (const kinds of TIERS) {
      const tier = this.#books.filter(({ subject }) => kinds.includes(subject.kind));
      judges.push(...tier);
      if (tier.some(({ seasoned }) => seasoned)) break;
    }
    return judges;
  }
}

const TIERS: readonly (readonly HabitBook['subject']['kind'][])[] = [
  ['principal'],
  ['team', 'application'],
  ['database'],
];

function nameOf(kind: HabitBook['subject']['kind'], name: string): string {
  return kind === 'principal' ? name : kind === 'database' ? 'the whole database' : `${kind} ${name}`;
}
