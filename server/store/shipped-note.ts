import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { StoredStream } from '../../audit/store/shipment.ts';

const NOTE = z.record(z.string(), z.object({ segment: z.int(), bytes: z.int(), seq: z.int() }));

/** Up to where the store has a stream of the spool: a place in its files, and the number of the last event. */
export type Shipped = z.output<typeof NOTE>[string];

/**
 * What the store was last seen to have of a spool, by `node/stream`. It stands in the spool, as `shipped.json`, so that a
 * node which starts while the store is out of reach knows what waits. Nothing but that is told from it.
 */
export class ShippedNote {
  readonly #path: string;
  #written = '';

  constructor(spool: string) {
    this.#path = join(spool, 'shipped.json');
  }

  /** Empty where nothing was noted, or what stands there is no note. */
  read(): Map<string, Shipped> {
    try {
      return new Map(Object.entries(NOTE.parse(JSON.parse(readFileSync(this.#path, 'utf8')))));
    } catch {
      return new Map();
    }
  }

  /** @throws the system's error when it can't be written */
  write(shipped: ReadonlyMap<string, Shipped>): void {
    const text = JSON.stringify(Object.fromEntries(shipped));
    if (text === this.#written) return;
    const draft = `${this.#path}.${process.pid}`;
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, this.#path);
    this.#written = text;
  }
}

/** The note of a stream, with its name. */
export const shippedOf = ({ name, place, head }: StoredStream): readonly [string, Shipped] => [
  `${name.node}/${name.stream}`,
  { segment: place.segment, bytes: place.bytes, seq: head.seq },
];
