import { join } from 'node:path';
import { segmentName } from './segments.ts';
import { type Stretch, stretchesOf } from './stretches.ts';

/** Segments of a stream that no index has any more: nobody writes to them. */
export class OlderSegments {
  readonly #directory: string;
  readonly #known = new Map<number, readonly Stretch[]>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Of these segments, in their order. */
  async stretches(segments: readonly number[]): Promise<readonly Stretch[]> {
    for (const known of this.#known.keys()) if (!segments.includes(known)) this.#known.delete(known);
    const all: Stretch[] = [];
    for (const segment of segments) {
      const path = join(this.#directory, segmentName(segment));
      const stretches = this.#known.get(segment) ?? (await stretchesOf(path, segment));
      this.#known.set(segment, stretches);
      all.push(...stretches);
    }
    return all;
  }
}
