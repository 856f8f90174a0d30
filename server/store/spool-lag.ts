import { join } from 'node:path';
import { readLines } from '../../audit/lines.ts';
import { listSegments, listStreams, segmentName, streamDirectory } from '../../audit/segments.ts';
import type { StoredStream } from '../../audit/store/shipment.ts';
import { streamHead } from '../../audit/stream-head.ts';

export interface Lag {
  readonly events: number;
  /** Unix ms: when the first of them was written; null: there is none. */
  readonly since: number | null;
}

/** What of a spool is not in the store yet, by where the store is in each stream (`node/stream`). */
export async function spoolLag(spool: string, stored: ReadonlyMap<string, StoredStream>): Promise<Lag> {
  let events = 0;
  let since: number | null = null;
  for (const name of listStreams(spool)) {
    const known = stored.get(`${name.node}/${name.stream}`);
    const directory = streamDirectory(spool, name);
    const head = await streamHead(directory);
    // Of a stream that has not been looked at in the store since the start, nobody knows.
    if (known === undefined || head === null || head.seq <= known.head.seq) continue;
    events += head.seq - known.head.seq;
    const at = await nextAt(directory, known.place);
    if (at !== null && (since === null || at < since)) since = at;
  }
  return { events, since };
}

/** When the event behind that place was written. */
async function nextAt(
  directory: string,
  { segment, bytes }: { readonly segment: number; readonly bytes: number },
): Promise<number | null> {
  for (const number of listSegments(directory)) {
    if (number < segment) continue;
    const from = number === segment ? bytes : 0;
    for await (const lines of readLines(join(directory, segmentName(number)), from)) {
      const at = /"at":"([^"]{24})"/.exec(lines[0]?.bytes.toString('latin1', 0, 300) ?? '')?.[1];
      if (at !== undefined) return Date.parse(at);
    }
  }
  return null;
}
