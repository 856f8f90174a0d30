import type { Place } from './spool-index.ts';

const ENTRY = /^([A-Za-z0-9._-]{1,64}\/[A-Za-z0-9._-]{1,64})=(?:(\d{1,9})\.(\d{1,15})|done)$/;

/** How far each stream of a spool has been read: the text of a cursor. */
export class Positions {
  readonly #places: ReadonlyMap<string, Place | 'done'>;

  constructor(places: ReadonlyMap<string, Place | 'done'>) {
    this.#places = places;
  }

  /** @throws RangeError */
  static parse(cursor: string | undefined): Positions {
    const entries = cursor === undefined ? [] : cursor.split(',');
    return new Positions(new Map(entries.map(readEntry)));
  }

  /** null: nothing of it has been read. */
  of(stream: string): Place | 'done' | null {
    return this.#places.get(stream) ?? null;
  }

  entries(): Iterable<readonly [string, Place | 'done']> {
    return this.#places;
  }

  format(): string {
    return [...this.#places]
      .map(([name, place]) => `${name}=${place === 'done' ? place : `${place.segment}.${place.offset}`}`)
      .join(',');
  }
}

function readEntry(text: string): readonly [string, Place | 'done'] {
  const [, name, segment, offset] = ENTRY.exec(text) ?? [];
  if (name === undefined) throw new RangeError('the cursor is not one of this trail');
  if (segment === undefined) return [name, 'done'];
  return [name, { segment: Number(segment), offset: Number(offset) }];
}
