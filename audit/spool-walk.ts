/** Events of one stream of a spool, forwards or backwards, without reading what can't be wanted. */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpooledEvent } from './events.ts';
import { segmentName } from './segments.ts';
import { eventIn, type Place } from './spool-index.ts';
import type { Stretch } from './stretches.ts';

export interface PlacedEvent {
  readonly event: SpooledEvent;
  readonly place: Place;
}

/** What a request may still read, in bytes. */
export interface ReadingBudget {
  left: number;
}

/** `S`: what is known of the stretches of a stream. */
export interface Walk<S extends Stretch> {
  readonly directory: string;
  /** In their order. */
  readonly stretches: readonly S[];
  readonly backwards: boolean;
  /** Forwards: the first line to look at; backwards: the one after the first. null: from the beginning, or the end. */
  readonly from: Place | null;
  /** False is certain. */
  mayHave(stretch: S): boolean;
  /** Of the line as it stands: false is certain. */
  mayBe(line: string): boolean;
  isWanted(event: SpooledEvent): boolean;
}

/** Where the budget was spent: to go on from. */
export class OutOfBudget extends Error {
  readonly place: Place;

  constructor(place: Place) {
    super('a request has read as much as it may');
    this.place = place;
  }
}

/** @throws OutOfBudget, never before a block was read */
export async function* walk<S extends Stretch>(
  { directory, stretches, backwards, from, mayHave, mayBe, isWanted }: Walk<S>,
  budget: ReadingBudget,
): AsyncGenerator<PlacedEvent> {
  const ahead = stretches.filter((block) => from === null || !isBehind(block, from, backwards));
  for (const block of backwards ? ahead.toReversed() : ahead) {
    if (!mayHave(block)) continue;
    if (budget.left <= 0)
      throw new OutOfBudget({ segment: block.segment, offset: backwards ? block.end : block.start });
    budget.left -= block.end - block.start;
    const lines = (await readStretch(directory, block)).filter(
      ({ place }) => from === null || isAhead(place, from, backwards),
    );
    for (const { place, text } of backwards ? lines.toReversed() : lines) {
      if (!mayBe(text)) continue;
      const event = eventIn(text);
      if (event !== null && isWanted(event)) yield { event, place };
    }
  }
}

interface PlacedLine {
  readonly place: Place;
  readonly text: string;
}

/** None if its segment is gone. */
async function readStretch(
  directory: string,
  { segment, start, end }: Stretch,
): Promise<readonly PlacedLine[]> {
  const file = await openSegment(join(directory, segmentName(segment)));
  if (file === null) return [];
  try {
    const bytes = Buffer.allocUnsafe(end - start);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    return linesOf(bytes.subarray(0, bytesRead), { segment, offset: start });
  } finally {
    await file.close();
  }
}

function linesOf(bytes: Buffer, { segment, offset }: Place): readonly PlacedLine[] {
  const lines: PlacedLine[] = [];
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    lines.push({ place: { segment, offset: offset + start }, text: bytes.toString('utf8', start, end) });
    start = end + 1;
  }
  return lines;
}

async function openSegment(path: string): Promise<FileHandle | null> {
  return await open(path).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT') return null;
    throw fault;
  });
}

const NEWLINE = 0x0a;

/** Whether nothing of the block is to be looked at from there. */
const isBehind = (block: Stretch, from: Place, backwards: boolean): boolean =>
  backwards
    ? compare({ segment: block.segment, offset: block.start }, from) >= 0
    : compare({ segment: block.segment, offset: block.end }, from) <= 0;

const isAhead = (place: Place, from: Place, backwards: boolean): boolean =>
  backwards ? compare(place, from) < 0 : compare(place, from) >= 0;

export const compare = (one: Place, other: Place): number =>
  one.segment - other.segment || one.offset - other.offset;
