import { open } from 'node:fs/promises';

/** A part of a segment, of whole lines. */
export interface Stretch {
  readonly segment: number;
  /** Bytes of the segment: from inclusive, to exclusive. */
  readonly start: number;
  readonly end: number;
}

const LENGTH = 4 * 1024 * 1024;
/** Bytes in which the end of a line is looked for at one time. */
const LOOK = 64 * 1024;
const NEWLINE = 0x0a;

/** A segment that nobody writes to any more in parts that can be read at once, without reading it. None if it is gone. */
export async function stretchesOf(path: string, segment: number): Promise<readonly Stretch[]> {
  const file = await open(path).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT') return null;
    throw fault;
  });
  if (file === null) return [];
  try {
    const { size } = await file.stat();
    const stretches: Stretch[] = [];
    for (let start = 0; start < size; ) {
      let end = Math.min(size, start + LENGTH);
      while (end < size) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(LOOK), 0, LOOK, end);
        const newline = buffer.subarray(0, bytesRead).indexOf(NEWLINE);
        end += newline < 0 ? bytesRead : newline + 1;
        if (newline >= 0 || bytesRead === 0) break;
      }
      stretches.push({ segment, start, end });
      start = end;
    }
    return stretches;
  } finally {
    await file.close();
  }
}
