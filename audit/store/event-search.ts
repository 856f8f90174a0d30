/**
 * Finds events by what is in them, in the order of time. There are two ways: along the index of time, looking at each event,
 * good where many are wanted; and by the index of terms, good where few are. Which is better no statistics tell of
 * words that are often together, or never, or were once. So the first is taken for some thousand events, then the second, in
 * windows of time that become larger, and smaller again where one has too many: neither ever goes through all there is.
 */
import type pg from 'pg';
import type { SpooledEvent } from '../events.ts';
import { term, wantedTerms } from '../search-terms.ts';
import type { EventSearch, Page } from '../trail-source.ts';
import { Conditions } from './conditions.ts';
import { cursorOf, pageOf, readCursor, TIME } from './cursor.ts';

interface Row {
  /** As it stands in the line. */
  readonly time: string;
  readonly stream: number;
  readonly seq: string;
  readonly line: string;
}

/** Times in ISO 8601, from inclusive, to exclusive. */
interface Window {
  readonly from: string;
  readonly to: string;
}

/** Events that are looked at one by one. */
const LOOKED_AT = 5_000;
/** More than so many in a window of time are too many to be sorted. */
const MOST_SORTED = 10_000;
/** By how much a window becomes larger, or smaller. */
const GROWTH = 4;
/** A window is not made shorter, ms. */
const SHORTEST = 1_000;
const EVER: Window = { from: '0001-01-01T00:00:00.000Z', to: '9999-12-31T23:59:59.999Z' };
const AS_TIME = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;
const ROW = `to_char(at, ${AS_TIME}) as time, stream, seq, line`;

/** @throws RangeError for a cursor that is none */
export async function searchEvents(pool: pg.Pool, search: EventSearch): Promise<Page<SpooledEvent>> {
  const rows = await new EventSearching(pool, search).rows();
  return pageOf(
    rows,
    search.limit,
    ({ line }) => JSON.parse(line) as SpooledEvent,
    ({ time, stream, seq }) => cursorOf(time, stream, Number(seq)),
  );
}

class EventSearching {
  readonly #pool: pg.Pool;
  readonly #search: EventSearch;
  readonly #limit: number;
  readonly #newest: boolean;
  readonly #order: string;
  readonly #cursor: readonly [string, number, number] | null;
  readonly #terms: readonly string[];

  constructor(pool: pg.Pool, search: EventSearch) {
    this.#pool = pool;
    this.#search = search;
    this.#limit = search.limit + 1;
    this.#newest = search.order === 'newest';
    const direction = this.#newest ? 'desc' : 'asc';
    this.#order = `order by at ${direction}, stream ${direction}, seq ${direction}`;
    this.#cursor = readCursor<[string, number, number]>(search.cursor, TIME, 'number', 'number');
    this.#terms = wantedTerms(search).filter((each) => !each.startsWith('session:'));
  }

  async rows(): Promise<readonly Row[]> {
    const { session, risk, types } = this.#search;
    const whole = this.#whole();
    if (session !== undefined) return this.#ofSession(session, whole);
    // Along the index of time, or of the alarms in it, there is nothing to pass over.
    if ((this.#terms.length === 0 && types === undefined) || risk !== undefined) return this.#along(whole);
    return this.#inWindows(whole);
  }

  /** What the search and its cursor leave of all time. */
  #whole(): Window {
    const { from, to } = this.#search;
    const after = this.#cursor?.[0];
    const latest = [to === undefined ? EVER.to : iso(to), this.#newest && after ? next(after) : EVER.to];
    const first = [from === undefined ? EVER.from : iso(from), !this.#newest && after ? after : EVER.from];
    return { from: first.toSorted().at(-1) ?? EVER.from, to: latest.toSorted()[0] ?? EVER.to };
  }

  async #inWindows(whole: Window): Promise<readonly Row[]> {
    const begin = await this.#end(whole, 'near');
    const end = await this.#end(whole, 'far');
    if (begin === null || end === null) return [];
    const near = this.#newest ? { ...whole, to: next(begin) } : { ...whole, from: begin };
    const step = await this.#step(near);
    let window = this.#newest
      ? { from: step ?? end, to: near.to }
      : { from: near.from, to: next(step ?? end) };
    const rows = [...(await this.#along(window))];
    let span = Math.max(lengthOf(window), SHORTEST);
    // So far from the window on there are too many, all of them behind what has been looked at since.
    let crowded = Number.POSITIVE_INFINITY;
    while (step !== null && rows.length < this.#limit && !this.#isPast(window, end)) {
      span = Math.min(span * GROWTH, this.#left(window, end), Math.ceil(crowded / GROWTH));
      const further = this.#beyond(window, span);
      const found = span > SHORTEST ? await this.#byTerms(further) : await this.#along(further);
      if (found === null) {
        crowded = span;
        span = Math.ceil(span / GROWTH ** 2); // made longer again at the next turn
        continue;
      }
      rows.push(...found);
      crowded = found.length > 0 || crowded <= span ? Number.POSITIVE_INFINITY : crowded - span;
      window = further;
    }
    return rows.slice(0, this.#limit);
  }

  #beyond({ from, to }: Window, span: number): Window {
    return this.#newest
      ? { from: iso(Date.parse(from) - span), to: from }
      : { from: to, to: iso(Date.parse(to) + span) };
  }

  #isPast({ from, to }: Window, end: string): boolean {
    return this.#newest ? from <= end : to > end;
  }

  /** ms up to the last event there is. */
  #left({ from, to }: Window, end: string): number {
    return this.#newest ? Date.parse(from) - Date.parse(end) : Date.parse(end) + 1 - Date.parse(to);
  }

  /** The time of the first event in the order of the search, or of the last. */
  #end(window: Window, which: 'near' | 'far'): Promise<string | null> {
    return this.#timeAt(window, this.#newest === (which === 'near') ? 'desc' : 'asc', 0);
  }

  /** The time of the event up to which they are looked at one by one; null: there are fewer. */
  #step(window: Window): Promise<string | null> {
    return this.#timeAt(window, this.#newest ? 'desc' : 'asc', LOOKED_AT);
  }

  async #timeAt(window: Window, direction: 'asc' | 'desc', offset: number): Promise<string | null> {
    const { sql, values } = inWindow(window);
    const { rows } = await this.#pool.query<{ time: string }>(
      `select to_char(at, ${AS_TIME}) as time from
         (select at from event where ${sql} order by at ${direction} offset ${offset} limit 1) as step`,
      values,
    );
    return rows[0]?.time ?? null;
  }

  async #along(window: Window): Promise<readonly Row[]> {
    const { sql, values } = this.#wanted(window);
    const query = `select ${ROW} from event where ${sql} ${this.#order} limit ${this.#limit}`;
    return (await this.#pool.query<Row>(query, values)).rows;
  }

  async #ofSession(session: string, whole: Window): Promise<readonly Row[]> {
    const wanted = this.#wanted(whole).add('session = ?', session);
    return this.#sorted(
      `select ${ROW} from event where ${wanted.sql} ${this.#order} limit ${this.#limit}`,
      wanted.values,
    );
  }

  /** null: there are too many in the window. */
  async #byTerms(window: Window): Promise<readonly Row[] | null> {
    const wanted = this.#wanted(window);
    if (this.#terms.length === 0) {
      const types = (this.#search.types ?? []).map((type) => term('type', type));
      wanted.add('terms && ?::text[]', types);
    }
    const rows = await this.#sorted<Row & { readonly matches: string }>(
      `with found as materialized
         (select at, stream, seq from event where ${wanted.sql} limit ${MOST_SORTED + 1}),
       first as (select * from found ${this.#order} limit ${this.#limit})
       select ${ROW}, (select count(*) from found) as matches
       from first join event using (at, stream, seq) ${this.#order}`,
      wanted.values,
    );
    return Number(rows[0]?.matches ?? 0) > MOST_SORTED ? null : rows;
  }

  #wanted(window: Window): Conditions {
    const { types, risk } = this.#search;
    const wanted = inWindow(window).where('type = any(?::text[])', types);
    if (this.#terms.length > 0) wanted.add('terms @> ?::text[]', this.#terms);
    if (risk !== undefined) wanted.add('risk is not null and risk >= ?', risk);
    if (this.#cursor !== null)
      wanted.add(
        `(at, stream, seq) ${this.#newest ? '<' : '>'} (?::timestamptz, ?::int4, ?::int8)`,
        ...this.#cursor,
      );
    return wanted;
  }

  /** By the bitmaps of indexes alone, whatever the statistics say. */
  async #sorted<T extends Row>(sql: string, values: readonly unknown[]): Promise<readonly T[]> {
    const client = await this.#pool.connect();
    try {
      await client.query(BY_BITMAPS);
      const { rows } = await client.query<T>(sql, [...values]);
      await client.query('commit');
      client.release();
      return rows;
    } catch (error) {
      client.release(error as Error);
      throw error;
    }
  }
}

const BY_BITMAPS = `begin read only; set local enable_seqscan = off; set local enable_indexscan = off;
  set local enable_indexonlyscan = off; set local work_mem = '64MB'`;

const inWindow = ({ from, to }: Window): Conditions =>
  new Conditions().add('at >= ?::timestamptz', from).add('at < ?::timestamptz', to);

const iso = (ms: number): string => new Date(ms).toISOString();
const next = (time: string): string => iso(Date.parse(time) + 1);
const lengthOf = ({ from, to }: Window): number => Date.parse(to) - Date.parse(from);
