import { hash } from 'node:crypto';
import { emptyPage, HabitBook, type HabitPage, type HabitSubject } from './habit-book.ts';
import { HabitFilter, type HabitMark, MOST_BITS, markFrom } from './habit-filter.ts';
import { countersOf, type DailyEvent, dailyCounter, type HabitSums } from './habit-measures.ts';
import { type RedisClient, whenReady } from './redis.ts';
import { Script } from './script.ts';
import type { Signer } from './signing.ts';

/** ms that things count as usual: this period and the rest of the one before. */
const PERIOD = 14 * 24 * 60 * 60 * 1000;
/** ms between writes of what was learned, and between looks at what others have learned. */
const FLUSH = 2_000;
const REFRESH = 15_000;
/** Things learned while Redis is out of reach; what is more is forgotten. */
const MOST_PENDING = 20_000;
/** Bits of one call of the script, which keeps Redis from others. */
const MOST_AT_ONCE = 7_000;
/** Marks that are kept, and the longest thing that one is kept of. */
const MOST_MARKS = 10_000;
const LONGEST_MARKED = 200;

/**
 * keys: seen counts; args: expiry (Unix ms), most bits, number of counters, counters, bits. Sets the bits, unless so many
 * are set that the filter would begin to take everything for seen.
 */
const LEARN = new Script(`
local counters = tonumber(ARGV[3])
for i = 4, 3 + counters do redis.call('HINCRBY', KEYS[2], ARGV[i], 1) end
redis.call('HINCRBY', KEYS[2], 'version', 1)
if redis.call('BITCOUNT', KEYS[1]) < tonumber(ARGV[2]) then
  for i = 4 + counters, #ARGV do redis.call('SETBIT', KEYS[1], ARGV[i], 1) end
end
for i = 1, 2 do redis.call('PEXPIREAT', KEYS[i], ARGV[1]) end
return 1
`);

export interface HabitParts {
  readonly redis: RedisClient;
  readonly signer: Signer;
  /** Unix ms. */
  readonly now: () => number;
  readonly warn: (message: string) => void;
}

/** What is waiting to be written for one subject. */
interface Lesson {
  readonly marks: HabitMark[];
  readonly counters: string[];
}

/** A book that sessions have open, with what was last read of it. */
interface OpenBook {
  readonly book: HabitBook;
  readers: number;
  now: { readonly period: number; readonly version: number; readonly page: HabitPage } | null;
  before: { readonly period: number; readonly page: HabitPage } | null;
}

/**
 * What is usual for whom, shared by all nodes through Redis: 32 KiB a subject, whatever it does. Things are known by keyed
 * hashes alone: Redis does not tell what anybody's habits are.
 */
export class Habits {
  readonly #parts: HabitParts;
  readonly #books = new Map<string, OpenBook>();
  /** A keyed hash costs more than all else that a usual statement is looked at for. */
  readonly #marks = new Map<string, HabitMark>();
  #lessons = new Map<string, Lesson>();
  #pending = 0;
  #timers: readonly NodeJS.Timeout[] = [];
  #reachable = true;

  constructor(parts: HabitParts) {
    this.#parts = parts;
  }

  /** False while what is known here may be old, or nothing, because Redis does not answer. */
  get reachable(): boolean {
    return this.#reachable;
  }

  markOf(thing: string): HabitMark {
    const known = this.#marks.get(thing);
    if (known !== undefined) return known;
    const mark = markFrom(Buffer.from(this.#parts.signer.sign('habits', thing), 'base64url'));
    if (this.#marks.size >= MOST_MARKS) this.#marks.clear();
    if (thing.length <= LONGEST_MARKED) this.#marks.set(thing, mark);
    return mark;
  }

  /** To be released. Without Redis the books are as they were here last, or empty. */
  async open(subjects: readonly HabitSubject[]): Promise<readonly HabitBook[]> {
    this.#start();
    const open = subjects.map((subject) => this.#take(subject));
    const unread = open.filter(({ now }) => now === null);
    if (unread.length > 0) await this.#readAll(unread);
    return open.map(({ book }) => book);
  }

  release(books: readonly HabitBook[]): void {
    for (const { subject } of books) {
      const id = idOf(subject);
      const open = this.#books.get(id);
      if (open !== undefined && --open.readers === 0) this.#books.delete(id);
    }
  }

  /** Soon for all, at once for this process. `sums`: of a session that is over. */
  learn(subject: HabitSubject, marks: readonly HabitMark[], sums: HabitSums | null): void {
    const id = idOf(subject);
    this.#books.get(id)?.book.note(marks);
    if (this.#pending > MOST_PENDING) return;
    const lesson = this.#lessonOf(id);
    lesson.marks.push(...marks);
    if (sums !== null) lesson.counters.push(...countersOf(sums, this.#parts.now()));
    this.#pending += marks.length + 1;
  }

  /** Something happened on a day (Unix ms): a statement was scored, or there was a session. */
  count(subject: HabitSubject, what: DailyEvent, at: number = this.#parts.now()): void {
    if (this.#pending > MOST_PENDING) return;
    this.#lessonOf(idOf(subject)).counters.push(dailyCounter(what, at));
    this.#pending++;
  }

  /** Writes what was learned. What can't be written is kept for the next time. */
  async flush(): Promise<void> {
    const lessons = this.#lessons;
    this.#lessons = new Map();
    this.#pending = 0;
    await Promise.all([...lessons].map(([id, lesson]) => this.#write(id, lesson)));
  }

  /** Reads what others have learned. */
  async refresh(): Promise<void> {
    await this.#readAll([...this.#books.values()]);
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    if (this.#lessons.size > 0 && this.#parts.redis.status === 'ready') await this.flush();
  }

  #start(): void {
    if (this.#timers.length > 0) return;
    this.#timers = [
      setInterval(() => void this.flush(), FLUSH).unref(),
      setInterval(() => void this.refresh(), REFRESH).unref(),
    ];
  }

  #lessonOf(id: string): Lesson {
    const lesson = this.#lessons.get(id) ?? { marks: [], counters: [] };
    this.#lessons.set(id, lesson);
    return lesson;
  }

  #take(subject: HabitSubject): OpenBook {
    const id = idOf(subject);
    const open = this.#books.get(id) ?? {
      book: new HabitBook(subject),
      readers: 0,
      now: null,
      before: null,
    };
    open.readers++;
    this.#books.set(id, open);
    return open;
  }

  async #write(id: string, { marks, counters }: Lesson): Promise<void> {
    const period = this.#period();
    const expiry = (period + 2) * PERIOD;
    const { seen, counts } = this.#keys(id, period);
    const bits = marks.flatMap((mark) => [...mark]);
    try {
      for (let from = 0; from === 0 || from < bits.length; from += MOST_AT_ONCE) {
        const counted = from === 0 ? counters : [];
        const part = bits.slice(from, from + MOST_AT_ONCE);
        await LEARN.run(this.#parts.redis, {
          keys: [seen, counts],
          args: [expiry, MOST_BITS, counted.length, ...counted, ...part],
        });
      }
    } catch {
      this.#lost();
      const later = this.#lessons.get(id);
      this.#lessons.set(id, {
        marks: [...marks, ...(later?.marks ?? [])],
        counters: later?.counters ?? [], // counted twice would be worse than not at all
      });
      this.#pending += marks.length;
    }
  }

  async #readAll(books: readonly OpenBook[]): Promise<void> {
    if (books.length === 0) return;
    try {
      await whenReady(this.#parts.redis);
      await Promise.all(books.map((open) => this.#read(open)));
      this.#reachable = true;
    } catch {
      this.#lost();
    }
  }

  /** The filter of a period is read again only if something was added to it. */
  async #read(open: OpenBook): Promise<void> {
    const id = idOf(open.book.subject);
    const period = this.#period();
    if (open.before?.period !== period - 1)
      open.before = { period: period - 1, page: (await this.#page(id, period - 1)).page };
    const counts = await this.#counts(id, period);
    const version = counts.version ?? 0;
    if (open.now?.period !== period || open.now.version !== version)
      open.now = { period, ...(await this.#page(id, period)) };
    open.book.turnTo(open.now.page, open.before.page);
    open.book.note(this.#lessons.get(id)?.marks ?? []); // on its way
    if (open.book.spoilt) this.#parts.warn(`habits of ${id} are not believed: who else writes to Redis?`);
  }

  async #page(id: string, period: number): Promise<{ readonly version: number; readonly page: HabitPage }> {
    const counts = await this.#counts(id, period);
    if (counts.version === undefined) return { version: 0, page: emptyPage() };
    const seen = await this.#parts.redis.getBuffer(this.#keys(id, period).seen);
    return { version: counts.version, page: { filter: new HabitFilter(seen), counts } };
  }

  async #counts(id: string, period: number): Promise<Record<string, number>> {
    const fields = await this.#parts.redis.hgetall(this.#keys(id, period).counts);
    return Object.fromEntries(Object.entries(fields).map(([name, count]) => [name, Number(count)]));
  }

  #lost(): void {
    if (this.#reachable) this.#parts.warn('habits can be neither read nor written: Redis is out of reach');
    this.#reachable = false;
  }

  #period(): number {
    return Math.floor(this.#parts.now() / PERIOD);
  }

  /** The hash tag keeps both in one slot of a Cluster. */
  #keys(id: string, period: number): { readonly seen: string; readonly counts: string } {
    const place = `postern:{habits:${this.#parts.signer.sign('habits', id).slice(0, 22)}}:${period}`;
    return { seen: `${place}:seen`, counts: `${place}:counts` };
  }
}

/** Clients call applications what they like: all that there may be on a database share so many places. */
const APPLICATIONS = 256;

const idOf = ({ database, kind, name }: HabitSubject): string =>
  JSON.stringify([database, kind, kind === 'application' ? placeOf(name) : name]);

const placeOf = (application: string): number =>
  hash('sha256', application, 'buffer').readUInt32LE(0) % APPLICATIONS;
