/**
 * Statements of one session, by their numbers from 1: those that somebody looks at are loaded, a page at a time, and those
 * that nobody has looked at for long are dropped again. A session may have a hundred thousand.
 */
import { signal } from '@preact/signals';
import type { StatementsAnswer, TrailStatement } from '../../api/answers.ts';
import { get } from '../../api/client.ts';
import { type Problem, problemOf } from '../../api/problem.ts';

const PAGE = 200;
/** Pages that are kept. */
const MOST_PAGES = 60;

export class StatementPages {
  readonly #session: string;
  /** By page; the one that was looked at last stands last. */
  readonly #pages = new Map<number, readonly TrailStatement[]>();
  readonly #asked = new Set<number>();
  #closed = false;
  /** Changes when something was loaded. */
  readonly version = signal(0);
  readonly problem = signal<Problem | null>(null);

  constructor(session: string) {
    this.#session = session;
  }

  /** null: it is not loaded; `want` asks for it. */
  at(number: number): TrailStatement | null {
    const page = pageOf(number);
    return this.#pages.get(page)?.find(({ statement }) => statement.statement === number) ?? null;
  }

  /** Loads what is missing of these, and what comes next; `to` inclusive. */
  want(from: number, to: number): void {
    for (let page = pageOf(from); page <= pageOf(to); page++) this.#load(page);
  }

  /** The last page has grown: statements of an open session. */
  refresh(from: number, to: number): void {
    for (let page = pageOf(from); page <= pageOf(to); page++)
      if (this.#pages.has(page)) this.#load(page, true);
  }

  /** Where a verdict came in. */
  replace(number: number, change: (before: TrailStatement) => TrailStatement): void {
    const page = pageOf(number);
    const before = this.#pages.get(page);
    if (before === undefined) return;
    this.#pages.set(
      page,
      before.map((each) => (each.statement.statement === number ? change(each) : each)),
    );
    this.version.value++;
  }

  close(): void {
    this.#closed = true;
  }

  #load(page: number, anew = false): void {
    const known = this.#pages.get(page);
    if (known !== undefined && !anew) {
      this.#pages.delete(page);
      this.#pages.set(page, known);
      return;
    }
    if (this.#asked.has(page)) return;
    this.#asked.add(page);
    const query = { from: page * PAGE + 1, limit: PAGE };
    get<StatementsAnswer>(`/v1/sessions/${this.#session}/statements`, query)
      .then(
        ({ statements }) => this.#keep(page, statements),
        (fault: unknown) => {
          this.problem.value = problemOf(fault);
        },
      )
      .finally(() => this.#asked.delete(page));
  }

  #keep(page: number, statements: readonly TrailStatement[]): void {
    if (this.#closed) return;
    this.problem.value = null;
    this.#pages.delete(page);
    this.#pages.set(page, statements);
    const oldest = this.#pages.keys().next().value;
    if (this.#pages.size > MOST_PAGES && oldest !== undefined) this.#pages.delete(oldest);
    this.version.value++;
  }
}

const pageOf = (number: number): number => Math.floor((number - 1) / PAGE);
