import { type ChainHead, genesis } from './chain.ts';
import type { Gap } from './chain-check.ts';
import type { Break } from './chain-follower.ts';
import type { CheckpointReader } from './checkpoint.ts';
import type { StreamName } from './segments.ts';

/** What is signed about a stream, by keys that are known. */
export interface Signed {
  /** These events were there once. */
  readonly anchors: readonly ChainHead[];
  /** These are gone, as is right. */
  readonly gaps: readonly Gap[];
  /** Lines that are not what they claim. */
  readonly breaks: readonly Break[];
}

/** Nothing is said about signatures where there is no key to check them by. */
export function readSigned(
  reader: CheckpointReader,
  { node, stream }: StreamName,
  lines: readonly string[],
  place: string,
): Signed {
  const anchors: ChainHead[] = [];
  const gaps: Gap[] = [];
  const breaks: Break[] = [];
  for (const [index, line] of reader.armed ? lines.entries() : []) {
    const checkpoint = reader.read(line);
    if (checkpoint === null || checkpoint.stream !== `${node}/${stream}`) {
      const detail = 'not signed by a key that is known, for this stream';
      breaks.push({ place: `${place}:${index + 1}`, seq: null, fault: 'bad checkpoint', detail });
      continue;
    }
    const { seq, hash } = checkpoint;
    anchors.push({ seq, hash });
    if (checkpoint.kind === 'pruned') gaps.push({ after: genesis(node, stream), to: { seq, hash } });
    if (checkpoint.kind === 'retired')
      gaps.push({ after: { seq: checkpoint.after, hash: checkpoint.afterHash }, to: { seq, hash } });
  }
  return { anchors, gaps, breaks };
}
