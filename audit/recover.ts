import { appendFileSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type ChainHead, readLink } from './chain.ts';
import { listSegments, segmentName } from './segments.ts';

const NEWLINE = 0x0a;

/** Where a stream was left, and what was done to be able to go on. */
export interface Recovery {
  readonly head: ChainHead;
  /** Last segment there is; 0 when the stream is new. */
  readonly segment: number;
  /** Its length, or null when nothing more may be written to it. */
  readonly size: number | null;
  readonly droppedBytes: number;
  readonly broken: string | null;
}

interface Scan {
  readonly head: ChainHead | null;
  readonly broken: string | null;
  /** Bytes up to and with the last newline. */
  readonly wholeBytes: number;
}

/**
 * Finds the end of a stream. A tail without a newline is what a killed writer leaves: cut off (it was never
 * committed), or completed if only the newline is missing. A bad line anywhere before that is damage or tampering and
 * is never touched: the chain goes on, from the last good line, in a new segment, and `verify` keeps naming the break.
 */
export function recover(directory: string, genesis: ChainHead): Recovery {
  const segments = listSegments(directory);
  const segment = segments.at(-1) ?? 0;
  if (segment === 0) return { head: genesis, segment, size: null, droppedBytes: 0, broken: null };
  const path = join(directory, segmentName(segment));
  const bytes = readFileSync(path);
  const scan = scanSegment(bytes, segmentName(segment));
  const head = scan.head ?? lastHeadBefore(directory, segments.slice(0, -1)) ?? genesis;
  if (scan.broken !== null) return { head, segment, size: null, droppedBytes: 0, broken: scan.broken };
  const tail = bytes.subarray(scan.wholeBytes);
  const tailLink = tail.length > 0 ? readLink(tail) : null;
  if (tailLink !== null && typeof tailLink === 'object' && tailLink.prev === head.hash) {
    appendFileSync(path, '\n');
    return { head: tailLink, segment, size: bytes.length + 1, droppedBytes: 0, broken: null };
  }
  if (tail.length > 0) truncateSync(path, scan.wholeBytes);
  return { head, segment, size: scan.wholeBytes, droppedBytes: tail.length, broken: null };
}

function scanSegment(bytes: Buffer, name: string): Scan {
  let head: ChainHead | null = null;
  let broken: string | null = null;
  let start = 0;
  for (let line = 1; ; line += 1) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0) return { head, broken, wholeBytes: start };
    const link = readLink(bytes.subarray(start, end));
    const fits = typeof link === 'object' && (head === null || link.prev === head.hash);
    if (!fits) broken ??= `${name}:${line}`;
    if (typeof link === 'object') head = { seq: link.seq, hash: link.hash };
    start = end + 1;
  }
}

function lastHeadBefore(directory: string, segments: readonly number[]): ChainHead | null {
  for (const number of segments.toReversed()) {
    const name = segmentName(number);
    const { head } = scanSegment(readFileSync(join(directory, name)), name);
    if (head !== null) return head;
  }
  return null;
}
