import { type ChainHead, genesis } from './chain.ts';
import type { Gap, SignedHead } from './chain-check.ts';
import type { Break } from './chain-follower.ts';
import type { Checkpoint, CheckpointReader } from './checkpoint.ts';
import type { StreamName } from './segments.ts';

/** What is signed about a stream. */
export interface Signed {
  /** By keys that are known: these events were there once. */
  readonly anchors: readonly ChainHead[];
  /** These are gone, as is right. */
  readonly gaps: readonly Gap[];
  /** Lines that are not what they claim. */
  readonly breaks: readonly Break[];
  /** The last of the anchors; null: there is none. */
  readonly last: SignedHead | null;
  /** Names of keys that others are signed by, of which nobody knows whose they are. */
  readonly unknownKeys: readonly string[];
}

export interface SignedLines {
  readonly lines: readonly string[];
  /** Where they stand, for people. */
  readonly place: string;
  /**
   * Whether nobody but those whose keys are known may sign this stream. If not, a stream whose heads are all signed by others
   * is said to be so; what some have signed others may not sign in any case.
   */
  readonly strict: boolean;
}

/** Nothing is wrong about signatures where there is no key to check them by. */
export function readSigned(
  reader: CheckpointReader,
  { node, stream }: StreamName,
  { lines, place, strict }: SignedLines,
): Signed {
  const anchors: SignedHead[] = [];
  const gaps: Gap[] = [];
  const bad: Break[] = [];
  const foreign: Break[] = [];
  const unknownKeys = new Set<string>();
  let heads = 0;
  for (const [index, line] of lines.entries()) {
    const checkpoint = reader.read(line);
    const found = (detail: string): Break => ({
      ...{ place: `${place}:${index + 1}`, seq: null, fault: 'bad checkpoint', detail },
    });
    if (checkpoint?.stream === `${node}/${stream}`) {
      const { seq, hash, at, key } = checkpoint;
      anchors.push({ seq, hash, at, key });
      gaps.push(...gapsOf(checkpoint, genesis(node, stream)));
      // Whoever lets go of what is old in the store signs that for all nodes.
      if (checkpoint.kind !== 'retired') heads += 1;
      continue;
    }
    const unknown = reader.unknownKey(line);
    if (unknown !== null) unknownKeys.add(unknown);
    const fault = found('not signed by a key that is known, for this stream');
    (unknown === null ? bad : foreign).push(fault);
  }
  const refused = strict || heads > 0 ? [...bad, ...foreign] : bad;
  return {
    ...{ anchors, gaps, breaks: reader.armed ? refused : [], unknownKeys: [...unknownKeys] },
    last: anchors.reduce<SignedHead | null>((a, b) => (a === null || b.seq >= a.seq ? b : a), null),
  };
}

function gapsOf(checkpoint: Checkpoint, start: ChainHead): readonly Gap[] {
  const to = { seq: checkpoint.seq, hash: checkpoint.hash };
  switch (checkpoint.kind) {
    case 'head':
      return [];
    case 'pruned':
      return [{ after: start, to }];
    case 'retired':
      return [{ after: { seq: checkpoint.after, hash: checkpoint.afterHash }, to }];
    default:
      return checkpoint satisfies never;
  }
}
