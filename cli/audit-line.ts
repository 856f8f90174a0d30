import type { SpooledEvent } from '../audit/events.ts';
import { type Colour, plural, who, wordsOf } from './audit-words.ts';
import { clean } from './clean.ts';

type Statement = Extract<SpooledEvent, { type: 'statement' }>;
type StatementEnd = Extract<SpooledEvent, { type: 'statement.end' }>;

const SGR: Readonly<Record<Colour, string>> = { plain: '', dim: '2', good: '32', bad: '31', mark: '33' };
const DECISION: Readonly<Record<Statement['decision'], Colour>> = {
  allow: 'good',
  observe: 'mark',
  deny: 'bad',
  hold: 'mark',
};
const SQL_WIDTH = 300;
const SUBJECT_WIDTH = 16;
const VERB_WIDTH = 9;

/**
 * Events as lines for people. An allowed statement waits for its end, so that one line has both; `running` gives those
 * whose end is not there yet.
 */
export class AuditLines {
  readonly #colours: boolean;
  readonly #open = new Map<string, Statement>();

  constructor(colours: boolean) {
    this.#colours = colours;
  }

  /** The line for an event, or null if it waits for another. */
  line(event: SpooledEvent): string | null {
    if (event.type === 'statement' && passed(event) && event.via !== 'parse') {
      this.#open.set(key(event), event);
      return null;
    }
    const statement = event.type === 'statement.end' ? this.#open.get(key(event)) : undefined;
    if (event.type !== 'statement.end' || statement === undefined) return this.#event(event);
    this.#open.delete(key(event));
    return this.#statement(statement, this.#outcome(event));
  }

  /** Statements begun before that ISO time which have not ended; each is given once. */
  running(before: string): string[] {
    const late = [...this.#open.values()].filter((statement) => statement.at < before);
    for (const statement of late) this.#open.delete(key(statement));
    return late.map((statement) => this.#statement(statement, this.#paint('dim', 'running')));
  }

  #event(event: SpooledEvent): string {
    switch (event.type) {
      case 'statement':
        return this.#statement(event, this.#paint('bad', event.sqlstate ?? ''));
      case 'statement.end':
        return this.#row(event, who(event), 'plain', 'ended', this.#outcome(event));
      default:
        return this.#row(event, ...wordsOf(event));
    }
  }

  #statement(event: Statement, outcome: string): string {
    const parsed = event.via === 'parse' && event.decision === 'allow';
    const sql = clean(event.sql).slice(0, SQL_WIDTH);
    const colour = parsed ? 'dim' : DECISION[event.decision];
    return this.#row(event, who(event), colour, parsed ? 'parse' : event.decision, `${sql}  ${outcome}`);
  }

  #outcome(end: StatementEnd): string {
    const parts = [`${plural(end.rows, 'row')}, ${end.durationMs.toFixed(1)} ms`];
    if (end.cut !== null) parts.push(this.#paint('bad', `cut: ${end.cut}`));
    if (end.sqlstate !== null) parts.push(this.#paint('bad', end.sqlstate));
    return `${this.#paint('dim', '->')} ${parts.join(', ')}`;
  }

  #row(event: SpooledEvent, subject: string, colour: Colour, verb: string, rest: string): string {
    const time = this.#paint('dim', event.at.replace('T', ' ').replace('Z', ''));
    const columns = [
      time,
      clean(subject).padEnd(SUBJECT_WIDTH),
      this.#paint(colour, verb.padEnd(VERB_WIDTH)),
      rest,
    ];
    return columns.join(' ').trimEnd();
  }

  #paint(colour: Colour, text: string): string {
    if (!this.#colours || colour === 'plain' || text === '') return text;
    return `\u001b[${SGR[colour]}m${text}\u001b[0m`;
  }
}

/** It went upstream, so that an end follows. */
const passed = ({ decision }: Statement): boolean => decision === 'allow' || decision === 'observe';
const key = (event: Statement | StatementEnd): string => `${event.session}#${event.statement}`;
