import { createReadStream } from 'node:fs';

const NEWLINE = 0x0a;

/** One line of a segment, without its newline. */
export interface Line {
  readonly bytes: Buffer;
  /** Counted from 1 at the place where reading began. */
  readonly number: number;
  /** Offset of the byte after the line's newline. */
  readonly end: number;
  /** False for a last line that has no newline (yet). */
  readonly whole: boolean;
}

/** The lines of a file from a byte offset on, in arrays as they come from disk. */
export async function* readLines(path: string, from = 0): AsyncGenerator<readonly Line[]> {
  let rest: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  let offset = from;
  let number = 0;
  for await (const chunk of createReadStream(path, { start: from, highWaterMark: 256 * 1024 })) {
    const bytes: Buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const lines: Line[] = [];
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      number += 1;
      lines.push({ bytes: bytes.subarray(start, end), number, end: offset + end + 1, whole: true });
      start = end + 1;
    }
    rest = bytes.subarray(start);
    offset += start;
    yield lines;
  }
  if (rest.length > 0) yield [{ bytes: rest, number: number + 1, end: offset + rest.length, whole: false }];
}
