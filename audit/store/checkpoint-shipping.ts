import { stat } from 'node:fs/promises';
import type { ClientBase } from 'pg';
import { checkpointsPath } from '../checkpoint-files.ts';
import { readLines } from '../lines.ts';
import type { StreamShipper } from './stream-shipper.ts';

/** Brings signed heads into the store, once it has the events that they are about. */
export class CheckpointShipping {
  readonly #spool: string;
  /** By the path of a file of checkpoints, bytes that have been shipped. */
  readonly #shipped = new Map<string, number>();

  constructor(spool: string) {
    this.#spool = spool;
  }

  async ship(client: ClientBase, { stored }: StreamShipper): Promise<void> {
    const path = checkpointsPath(this.#spool, stored.name);
    const size = await sizeOf(path);
    // Shorter than before: it was compacted, and what stands there now is read from its beginning.
    const from = size < (this.#shipped.get(path) ?? 0) ? 0 : (this.#shipped.get(path) ?? 0);
    if (size <= from) return;
    for await (const lines of readLines(path, from)) {
      for (const line of lines) {
        const text = line.bytes.toString('utf8');
        const seq = Number(/"seq":(\d{1,15}),/.exec(text)?.[1] ?? Number.NaN);
        if (!line.whole || seq > stored.head.seq) return;
        if (Number.isSafeInteger(seq)) await client.query(INSERT, [stored.id, seq, text]);
        this.#shipped.set(path, line.end);
      }
    }
  }
}

const INSERT = 'insert into checkpoint (stream, seq, line) values ($1, $2, $3) on conflict do nothing';

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
