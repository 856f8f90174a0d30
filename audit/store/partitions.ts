import type { ClientBase } from 'pg';
import { TIME } from './cursor.ts';
import { STORE_LOCK } from './migrate.ts';

/** Of which lengths partitions are: those of days are for trails that are kept for a short time. */
export type Span = 'day' | 'month';

/** A part of the table of events: times in ISO 8601, from inclusive, to exclusive. */
interface Partition {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

const NAME = /^event_(\d{4})_(\d\d)(?:_(\d\d))?$/;

/** Makes partitions as events come that have none, and knows those that are there. */
export class Partitions {
  readonly #span: Span;
  #known: readonly Partition[] = [];

  constructor(span: Span) {
    this.#span = span;
  }

  /** Makes what lacks for events of these times, ISO 8601 UTC. Not within a transaction. @throws RangeError for what is no time */
  async ensure(client: ClientBase, times: readonly string[]): Promise<void> {
    const odd = times.find((time) => !TIME.test(time));
    if (odd !== undefined) throw new RangeError(`${JSON.stringify(odd.slice(0, 40))} is no time of an event`);
    for (const day of new Set(times.map((time) => time.slice(0, 10)))) {
      if (this.#has(day)) continue;
      await client.query('begin');
      await client.query(`select pg_advisory_xact_lock(${STORE_LOCK})`);
      this.#known = await listPartitions(client);
      if (!this.#has(day)) await create(client, this.#lacking(day));
      await client.query('commit');
      this.#known = await listPartitions(client);
    }
  }

  /** Those that events of these times are in, each once. */
  namesOf(times: readonly string[]): readonly string[] {
    const days = new Set(times.map((time) => time.slice(0, 10)));
    return this.#known.filter(({ from, to }) => someDay(days, from, to)).map(({ name }) => name);
  }

  /** They may have changed: somebody has dropped one. */
  forget(): void {
    this.#known = [];
  }

  #has(day: string): boolean {
    return this.#known.some(({ from, to }) => someDay(new Set([day]), from, to));
  }

  /** A month's, unless a day of it has one of its own already. */
  #lacking(day: string): Partition {
    const month = partitionOf(day, 'month');
    const taken = this.#known.some(({ from, to }) => from < month.to && month.from < to);
    return this.#span === 'day' || taken ? partitionOf(day, 'day') : month;
  }
}

const someDay = (days: ReadonlySet<string>, from: string, to: string): boolean =>
  [...days].some((day) => from.slice(0, 10) <= day && day < to.slice(0, 10));

/** The oldest first. */
export async function listPartitions(client: ClientBase): Promise<readonly Partition[]> {
  const { rows } = await client.query<{ name: string }>(PARTITIONS);
  return rows.flatMap(({ name }) => {
    const [, year, month, day] = NAME.exec(name) ?? [];
    if (year === undefined) return [];
    return [partitionOf(`${year}-${month}-${day ?? '01'}`, day === undefined ? 'month' : 'day')];
  });
}

const PARTITIONS = `
  select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'event'::regclass order by c.relname`;

function partitionOf(day: string, span: Span): Partition {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const from = span === 'month' ? Date.UTC(year, month - 1, 1) : Date.UTC(year, month - 1, date);
  const to = span === 'month' ? Date.UTC(year, month, 1) : Date.UTC(year, month - 1, date + 1);
  const digits = day.slice(0, span === 'month' ? 7 : 10).replaceAll('-', '_');
  return { name: `event_${digits}`, from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

/** Made beside, and then attached: those who read go on meanwhile. */
async function create(client: ClientBase, { name, from, to }: Partition): Promise<void> {
  await client.query(`create table ${name} (like event)`);
  await client.query(`alter table event attach partition ${name} for values from ('${from}') to ('${to}')`);
}
