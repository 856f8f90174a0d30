import { readLink } from './chain.ts';
import { ChainCheck, type StreamReport } from './chain-check.ts';
import { readLines } from './lines.ts';

/**
 * Checks an export of a whole trail (NDJSON): the lines of all streams in one file. It does not say of which stream a line
 * is, so each is taken to go on from the event whose hash it has as `prev`. A report for each stream, named by its node and
 * the place where it begins, as well as for lines that follow from none.
 */
export async function verifyExport(path: string): Promise<readonly StreamReport[]> {
  const streams: Stream[] = [];
  const byHead = new Map<string, Stream>();
  for await (const lines of readLines(path)) {
    for (const { bytes, number, whole } of lines) {
      const place = `${path}:${number}`;
      const link = readLink(bytes);
      const known = typeof link === 'object' ? byHead.get(link.prev) : undefined;
      const stream = known ?? begin(typeof link === 'object' ? link.seq : 1, bytes, place);
      if (known === undefined) streams.push(stream);
      if (whole) stream.check.line(bytes, place);
      else stream.check.torn(bytes.length, place, false);
      if (typeof link === 'object') {
        byHead.delete(link.prev);
        byHead.set(link.hash, stream);
      }
    }
  }
  return streams.map(({ check }) => check.end(0, path));
}

interface Stream {
  readonly check: ChainCheck;
}

/** A stream begins with event 1; one that seems to begin later lacks what was before. */
function begin(seq: number, line: Buffer, place: string): Stream {
  const node = /"node":"([^"]{1,64})"/.exec(line.toString('latin1', 0, 300))?.[1] ?? 'unknown';
  const missing = seq > 1 ? `events up to ${seq - 1} are missing, or were changed` : null;
  return {
    check: new ChainCheck({
      ...{ name: `${node}, from ${place}`, node: null, start: null, anchors: [], gaps: [] },
      known: missing === null ? [] : [{ place, seq, fault: 'gap in seq', detail: missing }],
    }),
  };
}
