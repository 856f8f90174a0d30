import { join } from 'node:path';
import { ChainCheck } from './chain-check.ts';
import { type Checkpoint, CheckpointReader } from './checkpoint.ts';
import { checkpointLines, checkpointsSize, replaceCheckpoints } from './checkpoint-files.ts';
import { readLines } from './lines.ts';
import { listSegments, type StreamName, segmentName, streamDirectory } from './segments.ts';
import { firstSeq } from './stream-head.ts';

/** Bytes of checkpoints that are left alone: some hundred of them, of some hours. */
const FEW = 64 * 1024;

export interface CompactionOptions {
  readonly spool: string;
  /** PEM: what others have signed stays, and all that is beside it. */
  readonly publicKey: string;
  /** Bytes of checkpoints that are left alone; 64 KiB if absent. */
  readonly few?: number;
}

/**
 * Keeps the checkpoints of streams from growing for ever. What stays proves as much as all of it: the last head, and the last
 * word on what was pruned. INVARIANT: a head goes only if the chain, as it stands, leads from it to the one that stays. Where
 * it does not, somebody has changed the stream, and all that was signed is evidence.
 */
export class CheckpointCompaction {
  readonly #options: CompactionOptions;
  readonly #reader: CheckpointReader;
  /** By the stream, how large its checkpoints were when they had to stay. */
  readonly #stuck = new Map<string, number>();

  constructor(options: CompactionOptions) {
    this.#options = options;
    this.#reader = new CheckpointReader([options.publicKey]);
  }

  /** Resolves with how many lines are gone; reads the events from the first head on. */
  async compact(name: StreamName): Promise<number> {
    const { spool, few = FEW } = this.#options;
    const key = `${name.node}/${name.stream}`;
    const size = checkpointsSize(spool, name);
    if (size <= few || size <= 2 * (this.#stuck.get(key) ?? 0)) return 0;
    const lines = checkpointLines(spool, name);
    const kept = await this.#kept(name, lines);
    if (kept === null) {
      this.#stuck.set(key, size);
      return 0;
    }
    replaceCheckpoints(spool, name, lines, kept);
    return lines.length - kept.length;
  }

  /** null: all. */
  async #kept(name: StreamName, lines: readonly string[]): Promise<readonly string[] | null> {
    const read = lines.map((line) => ({ line, checkpoint: this.#reader.read(line) }));
    const known = read.flatMap(({ line, checkpoint }) =>
      checkpoint?.stream === `${name.node}/${name.stream}` ? [{ line, checkpoint }] : [],
    );
    if (known.length < lines.length) return null;
    const pruned = known.findLast(({ checkpoint }) => checkpoint.kind === 'pruned');
    const from = pruned?.checkpoint.seq ?? 0;
    const heads = known.filter(({ checkpoint: { kind, seq } }) => kind === 'head' && seq > from);
    const isWhole = await leadsOn(
      streamDirectory(this.#options.spool, name),
      heads.map(({ checkpoint }) => checkpoint),
    );
    return isWhole ? [pruned, heads.at(-1)].flatMap((each) => each?.line ?? []) : null;
  }
}

/** Whether the chain in the files goes from the first of the heads over all others to the last. */
async function leadsOn(directory: string, heads: readonly Checkpoint[]): Promise<boolean> {
  const [first] = heads;
  if (first === undefined) return true;
  if (heads.some(({ seq }, index) => seq < (heads[index - 1]?.seq ?? 0))) return false;
  const segments = await segmentsFrom(directory, first.seq);
  if (segments === null) return false;
  const nothing = { node: null, start: null, gaps: [], known: [] };
  const check = new ChainCheck({ ...nothing, name: directory, anchors: heads });
  for (const segment of segments) {
    for await (const lines of readLines(join(directory, segmentName(segment))))
      for (const { bytes, number, whole } of lines) if (whole) check.line(bytes, String(number));
  }
  return check.end(segments.length, directory).breaks === 0;
}

/** Those from the one on in which that event is; null: it is in none. */
async function segmentsFrom(directory: string, seq: number): Promise<readonly number[] | null> {
  const segments = listSegments(directory);
  for (const segment of segments.toReversed()) {
    const first = await firstSeq(directory, segment);
    if (first === null) return null;
    if (first <= seq) return segments.filter((each) => each >= segment);
  }
  return null;
}
