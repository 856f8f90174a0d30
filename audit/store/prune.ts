import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientBase } from 'pg';
import type { CheckpointKey } from '../checkpoint.ts';
import { addCheckpoint } from '../checkpoint-files.ts';
import { listSegments, segmentName } from '../segments.ts';
import { segmentHead } from '../stream-head.ts';
import type { StreamShipper } from './stream-shipper.ts';

export interface PruneOptions {
  readonly spool: string;
  readonly key: CheckpointKey;
  /** Segments that were written to at this time, Unix ms, or later stay. */
  readonly before: number;
}

/**
 * Removes segments of a stream that the store has as a whole, the oldest first. INVARIANT: never one in which the chain was
 * found broken, nor the one up to which the store has got: a spool that is opened goes on from an event in it. What goes
 * is signed for before, so that what is left still proves to follow from it. Resolves with how many are gone.
 */
export async function prune(
  client: ClientBase,
  { directory, stored }: Pick<StreamShipper, 'directory' | 'stored'>,
  { spool, key, before }: PruneOptions,
): Promise<number> {
  const broken = await brokenSegments(client, stored.name);
  const segments = listSegments(directory);
  let last = 0;
  for (const segment of segments) {
    const path = join(directory, segmentName(segment));
    if (segment >= stored.place.segment || broken.has(path) || statSync(path).mtimeMs >= before) break;
    last = segment;
  }
  const head = last === 0 ? null : await segmentHead(directory, last);
  if (head === null) return 0;
  const { node, stream } = stored.name;
  const claim = { kind: 'pruned', stream: `${node}/${stream}`, ...head } as const;
  addCheckpoint(spool, stored.name, key.sign(claim, new Date()));
  const gone = segments.filter((segment) => segment <= last);
  for (const segment of gone) rmSync(join(directory, segmentName(segment)));
  return gone.length;
}

/** Paths of segments in which somebody has found the chain broken. */
async function brokenSegments(
  client: ClientBase,
  { node, stream }: { readonly node: string; readonly stream: string },
): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ place: string }>(
    'select place from fault join stream on stream.id = fault.stream where node = $1 and name = $2',
    [node, stream],
  );
  return new Set(rows.map(({ place }) => place.replace(/@\d+$/, '')));
}
