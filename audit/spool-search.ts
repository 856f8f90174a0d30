/** A page of the events of all streams of a spool that a search is for. */
import type { SpooledEvent } from './events.ts';
import { IndexBlock } from './index-block.ts';
import { isFound, wordsIn } from './search-terms.ts';
import type { IndexedStream, Place } from './spool-index.ts';
import { OutOfBudget, type PlacedEvent, type Walk, walk } from './spool-walk.ts';
import type { Stretch } from './stretches.ts';
import type { EventSearch } from './trail-source.ts';

/** Bytes that one page may read: some tenths of a second. A page that is cut short has what was found until then. */
const MOST_READ = 64 * 1024 * 1024;

/** How far each stream has been read. */
export type Positions = ReadonlyMap<string, Place | 'done'>;

export interface SpoolPage {
  readonly items: readonly SpooledEvent[];
  /** To go on from; null: there is no more. */
  readonly rest: Positions | null;
}

/** `streams` as they are now; `before`: `rest` of the page before, with the same question. */
export async function searchSpool(
  streams: readonly IndexedStream[],
  search: Omit<EventSearch, 'cursor'>,
  before: Positions | null,
): Promise<SpoolPage> {
  const backwards = search.order === 'newest';
  const budget = { left: MOST_READ };
  const merge = new StreamMerge(backwards);
  for (const stream of streams) {
    const from = before?.get(stream.name) ?? null;
    // Backwards, what is there since the first page is none of its question.
    if (from === 'done' || (from === null && backwards && before !== null)) continue;
    const stretches = [...(await stream.older.stretches(stream.unindexed)), ...stream.blocks];
    const { directory } = stream;
    merge.add(stream.name, walk({ directory, stretches, ...walkOf(search, from) }, budget));
  }
  const items = await merge.take(search.limit);
  return { items, rest: merge.isOver ? null : merge.positions(before ?? new Map()) };
}

function walkOf(
  search: Omit<EventSearch, 'cursor'>,
  from: Place | null,
): Omit<Walk<Stretch>, 'directory' | 'stretches'> {
  const needles = needlesOf(search);
  const words = [...wordsIn(search.text ?? '')];
  return {
    backwards: search.order === 'newest',
    from,
    mayHave: (stretch) => !(stretch instanceof IndexBlock) || stretch.mayHave(search),
    mayBe: (line) => {
      if (!needles.every((needle) => line.includes(needle))) return false;
      if (words.length === 0) return true;
      const lower = line.toLowerCase();
      return words.every((word) => lower.includes(word));
    },
    isWanted: (event) => isFound(event, search),
  };
}

/** What the line of an event that is wanted has, as JSON writes it. */
function needlesOf(search: Omit<EventSearch, 'cursor'>): readonly string[] {
  const { principal, session, grant, action, decision, relation } = search;
  const whole = [principal, session, grant, action, decision].filter((text) => text !== undefined);
  const begun = relation === undefined ? [] : [JSON.stringify(relation).slice(0, -1)];
  return [...whole.map((text) => JSON.stringify(text)), ...begun];
}

/** One stream's part of the merge: the event that is next, or why there is none. */
type Head =
  | (PlacedEvent & { readonly kind: 'event' })
  | { readonly kind: 'paused'; readonly place: Place }
  | { readonly kind: 'done' };

/** Streams are few, so the next event is found by looking at each. One stream's events keep their order whatever its clock did. */
class StreamMerge {
  readonly #backwards: boolean;
  readonly #walks = new Map<string, AsyncGenerator<PlacedEvent>>();
  readonly #heads = new Map<string, Head>();

  constructor(backwards: boolean) {
    this.#backwards = backwards;
  }

  get isOver(): boolean {
    return [...this.#heads.values()].every(({ kind }) => kind === 'done');
  }

  add(stream: string, events: AsyncGenerator<PlacedEvent>): void {
    this.#walks.set(stream, events);
  }

  /** Fewer if there are no more, or the budget is spent. */
  async take(limit: number): Promise<readonly SpooledEvent[]> {
    const items: SpooledEvent[] = [];
    for (const name of this.#walks.keys()) await this.#advance(name);
    while (items.length < limit) {
      const name = this.#next();
      const head = name === null ? undefined : this.#heads.get(name);
      if (name === null || head?.kind !== 'event') break;
      items.push(head.event);
      await this.#advance(name);
    }
    return items;
  }

  /** To go on from. */
  positions(before: Positions): Positions {
    const heads = [...this.#heads].map(([name, head]) => [name, this.#placeOf(head)] as const);
    return new Map([...before, ...heads]);
  }

  /** The stream whose event is next; null: none, or none can be told yet, since a stream may have an earlier one. */
  #next(): string | null {
    let next: { readonly name: string; readonly at: string } | null = null;
    for (const [name, head] of this.#heads) {
      if (head.kind === 'paused') return null;
      if (head.kind === 'done') continue;
      const { at } = head.event;
      if (next === null || (this.#backwards ? at > next.at : at < next.at)) next = { name, at };
    }
    return next?.name ?? null;
  }

  async #advance(name: string): Promise<void> {
    const events = this.#walks.get(name);
    if (events === undefined) throw new TypeError(`no stream ${name}`);
    try {
      const { done, value } = await events.next();
      this.#heads.set(name, done === true ? { kind: 'done' } : { kind: 'event', ...value });
    } catch (fault) {
      if (!(fault instanceof OutOfBudget)) throw fault;
      this.#heads.set(name, { kind: 'paused', place: fault.place });
    }
  }

  /** Backwards a place is the one behind which to begin: the line of an event that was not taken is the next to look at. */
  #placeOf(head: Head): Place | 'done' {
    switch (head.kind) {
      case 'event':
        return this.#backwards ? { ...head.place, offset: head.place.offset + 1 } : head.place;
      case 'paused':
        return head.place;
      case 'done':
        return 'done';
      default:
        return head satisfies never;
    }
  }
}
