import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChainHead, readLink } from './chain.ts';
import { claimedSeq } from './chain-follower.ts';
import { listSegments, segmentName } from './segments.ts';

const NEWLINE = 0x0a;
/** Bytes that are read first; more where the last line is longer. */
const FIRST_READ = 16 * 1024;
/** Bytes of a line that hold its number. */
const FIRST_LINE = 200;

/** The last whole event of a stream by its files, its own hash being right; null: there is none. Reads little more than that line. */
export async function streamHead(directory: string): Promise<ChainHead | null> {
  for (const segment of listSegments(directory).toReversed()) {
    const head = await segmentHead(directory, segment);
    if (head !== null) return head;
  }
  return null;
}

/** Number of the first event of a segment, of the first one if none is named, damaged or not; null: there is none. */
export async function firstSeq(
  directory: string,
  segment: number | undefined = listSegments(directory)[0],
): Promise<number | null> {
  if (segment === undefined) return null;
  const file = await open(join(directory, segmentName(segment)));
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(FIRST_LINE), 0, FIRST_LINE, 0);
    return claimedSeq(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/** The last whole event of one segment. */
export async function segmentHead(directory: string, segment: number): Promise<ChainHead | null> {
  const line = await lastLine(join(directory, segmentName(segment)));
  const link = line === null ? null : readLink(line);
  return link !== null && typeof link === 'object' ? { seq: link.seq, hash: link.hash } : null;
}

/** Without its newline. What stands behind the last newline is not whole yet. */
async function lastLine(path: string): Promise<Buffer | null> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    for (let length = FIRST_READ; ; length *= 8) {
      const from = Math.max(0, size - length);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
      const bytes = buffer.subarray(0, bytesRead);
      const end = bytes.lastIndexOf(NEWLINE);
      const before = end > 0 ? bytes.lastIndexOf(NEWLINE, end - 1) : -1;
      if (end >= 0 && (before >= 0 || from === 0)) return bytes.subarray(before + 1, end);
      if (from === 0) return null;
    }
  } finally {
    await file.close();
  }
}
