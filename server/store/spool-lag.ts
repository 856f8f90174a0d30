import { join } from 'node:path';
import { readLines } from '../../audit/lines.ts';
import { listSegments, listStreams, segmentName, streamDirectory } from '../../audit/segments.ts';
import { firstSeq, streamHead } from '../../audit/stream-head.ts';
import type { Shipped } from './shipped-note.ts';

export interface Lag {
  readonly events: number;
  /** Unix ms: when the first of them was written; null: there is none. */
  readonly since: number | null;
}

/**
 * What of a spool is not in the store yet, by what the store has of each stream (`node/stream`): of one of which it is not
 * known to have anything, or that has begun anew since, all there is.
 */
export async function spoolLag(spool: string, shipped: ReadonlyMap<string, Shipped>): Promise<Lag> {
  let events = 0;
  let since: number | null = null;
  for (const name of listStreams(spool)) {
    const directory = streamDirectory(spool, name);
    const head = await streamHead(directory);
    if (head === null) continue;
    const noted = shipped.get(`${name.node}/${name.stream}`);
    const last = noted !== undefined && noted.seq <= head.seq ? noted : await beginning(directory);
    if (head.seq === last.seq) continue;
    events += head.seq - last.seq;
    const at = await nextAt(directory, last);
    if (at !== null && (since === null || at < since)) since = at;
  }
  return { events, since };
}

/** Before the first event there is. */
async function beginning(directory: string): Promise<Shipped> {
  return { segment: 0, bytes: 0, seq: ((await firstSeq(directory)) ?? 1) - 1 };
}

/** When the event behind that place was written. */
async function nextAt(directory: string, { segment, bytes }: Shipped): Promise<number | null> {
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
