/** All of a session in columns of its time, as its timeline shows it; what comes while it is open is added at its end. */
import { signal } from '@preact/signals';
import type { Answers, SpooledEvent } from '../../api/answers.ts';
import { get } from '../../api/client.ts';
import type { Anchor } from './scale.ts';

export type Column = Answers['getTimeline']['columns'][number];

/** A screen hardly has more pixels beside each other. */
const MANY = 1_500;
/** Added ones, after which the whole is asked for again. */
const MOST_ADDED = 1_000;

export class SessionColumns {
  readonly #session: string;
  #coming: Column[] = [];
  #added = 0;
  #asking = false;
  #closed = false;
  readonly all = signal<readonly Column[]>([]);

  constructor(session: string) {
    this.#session = session;
  }

  /** Without it the timeline lacks what is not loaded; what comes next asks again. */
  async load(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const path = `/v1/sessions/${this.#session}/timeline`;
    const answer = await get<Answers['getTimeline']>(path, { columns: MANY }).catch(() => null);
    this.#asking = false;
    if (answer === null || this.#closed) return;
    this.#added = 0;
    this.all.value = answer.columns;
  }

  /** Keeps it until `show`. */
  add(event: SpooledEvent): void {
    if (event.type !== 'statement' && event.type !== 'risk.flag') return;
    const [at, number] = [Date.parse(event.at), event.statement];
    const place = { first: number, last: number, from: at, to: at };
    if (event.type === 'risk.flag')
      this.#coming.push({ ...place, statements: 0, worst: 'allow', risk: null, alarms: 1 });
    else {
      const { decision, risk = null, sessionRisk = null } = event;
      const highest = risk === null && sessionRisk === null ? null : Math.max(risk ?? 0, sessionRisk ?? 0);
      this.#coming.push({ ...place, statements: 1, worst: decision, risk: highest, alarms: 0 });
    }
  }

  /** What was added since. */
  show(): void {
    if (this.#coming.length === 0) return;
    this.#added += this.#coming.length;
    this.all.value = [...this.all.peek(), ...this.#coming];
    this.#coming = [];
    if (this.#added > MOST_ADDED) void this.load();
  }

  close(): void {
    this.#closed = true;
  }
}

/** When statements were, as far as columns tell. */
export const anchorsOf = (columns: readonly Column[]): readonly Anchor[] =>
  columns.flatMap(({ first, last, from, to }) =>
    first === last
      ? [{ statement: first, at: from }]
      : [
          { statement: first, at: from },
          { statement: last, at: to },
        ],
  );
