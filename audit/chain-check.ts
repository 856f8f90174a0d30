import { type ChainHead, type Link, type LinkFault, readLink } from './chain.ts';
import { readLines } from './lines.ts';
import { parseEvent } from './stream-reader.ts';

export type Fault =
  /** The line is none of the spool's, or its bytes do not give its hash. */
  | LinkFault
  /** Events are missing before this one. */
  | 'gap in seq'
  /** Stands before or behind an event that it should follow, or is there twice. */
  | 'reordered'
  /** Number and own hash are right, but it does not follow from the event before. */
  | 'prev mismatch'
  /** A line without its newline inside the stream. */
  | 'torn line'
  /** The stream ends before an event that was noted earlier. */
  | 'cut off'
  /** The chain is whole, but not the one that was noted earlier. */
  | 'rewritten';

export interface Break {
  /** `path:line`, lines counted from 1. */
  readonly place: string;
  /** The event's number, null where it can't be read. */
  readonly seq: number | null;
  readonly fault: Fault;
  readonly detail: string;
}

/** What was found in one stream, or in one segment file looked at by itself. */
export interface StreamReport {
  /** `node/stream`, or the file's path. */
  readonly name: string;
  readonly segments: number;
  /** Events whose own hash is right. */
  readonly events: number;
  /** Last of them: noted elsewhere, a later check can prove that the stream was neither cut off nor rewritten. */
  readonly head: ChainHead | null;
  /** Bytes behind the last newline: a writer at work, or killed in mid-write. Not a break. */
  readonly tornBytes: number;
  /** Places where the chain is broken. */
  readonly breaks: number;
  readonly firstBreak: Break | null;
}

export interface Chain {
  readonly name: string;
  readonly files: readonly string[];
  /** What the first line has to follow; null: anything. */
  readonly start: ChainHead | null;
  readonly anchor: ChainHead | undefined;
}

export async function checkChain(chain: Chain): Promise<StreamReport> {
  const check = new ChainCheck(chain);
  for (const file of chain.files) {
    for await (const lines of readLines(file)) {
      for (const line of lines) {
        const place = `${file}:${line.number}`;
        if (line.whole) check.line(line.bytes, place);
        else check.torn(line.bytes.length, place, file === chain.files.at(-1));
      }
    }
  }
  return check.end();
}

/** After a break it goes on from the line as it stands, so that places are counted and not every line behind one. */
class ChainCheck {
  readonly #chain: Chain;
  /** What the next line has to follow; null: anything. */
  #before: ChainHead | null;
  #head: ChainHead | null = null;
  #events = 0;
  #tornBytes = 0;
  #breaks: Break[] = [];
  #gap: { readonly from: number; readonly to: number; readonly index: number } | null = null;

  constructor(chain: Chain) {
    this.#chain = chain;
    this.#before = chain.start;
  }

  line(bytes: Buffer, place: string): void {
    const link = readLink(bytes);
    if (typeof link === 'string') {
      this.#report(
        place,
        claimedSeq(bytes),
        link,
        link === 'bad hash' ? 'the line was changed' : 'not an event',
      );
      this.#before = null;
      return;
    }
    this.#events += 1;
    if (this.#before !== null) this.#checkOrder(link, this.#before, place);
    this.#checkContent(bytes, link, place);
    this.#before = this.#head = { seq: link.seq, hash: link.hash };
  }

  torn(bytes: number, place: string, atEnd: boolean): void {
    if (atEnd) this.#tornBytes = bytes;
    else this.#report(place, null, 'torn line', `${bytes} bytes without a newline`);
  }

  end(): StreamReport {
    const { anchor, files, name } = this.#chain;
    const last = this.#head?.seq ?? 0;
    if (anchor !== undefined && last < anchor.seq) {
      this.#report(
        files.at(-1) ?? name,
        anchor.seq,
        'cut off',
        `ends at event ${last}, once had ${anchor.seq}`,
      );
    }
    return {
      name,
      segments: files.length,
      events: this.#events,
      head: this.#head,
      tornBytes: this.#tornBytes,
      breaks: this.#breaks.length,
      firstBreak: this.#breaks[0] ?? null,
    };
  }

  #checkOrder(link: Link, before: ChainHead, place: string): void {
    const next = before.seq + 1;
    if (link.seq > next) {
      this.#gap = { from: next, to: link.seq, index: this.#breaks.length };
      this.#report(place, link.seq, 'gap in seq', `events ${next} to ${link.seq - 1} are missing`);
    } else if (link.seq < next) {
      this.#foundLater(link.seq);
      this.#report(place, link.seq, 'reordered', `stands behind event ${before.seq}`);
    } else if (link.prev !== before.hash) {
      this.#report(place, link.seq, 'prev mismatch', `does not follow from event ${before.seq}`);
    }
  }

  /** What looked like missing events were only moved. */
  #foundLater(seq: number): void {
    const gap = this.#gap;
    const entry = gap === null ? undefined : this.#breaks[gap.index];
    if (gap === null || entry === undefined || seq < gap.from || seq >= gap.to) return;
    this.#breaks[gap.index] = { ...entry, fault: 'reordered', detail: `event ${seq} stands behind it` };
    this.#gap = null;
  }

  #checkContent(bytes: Buffer, link: Link, place: string): void {
    const { anchor } = this.#chain;
    if (link.seq === anchor?.seq && link.hash !== anchor.hash) {
      this.#report(place, link.seq, 'rewritten', 'not the event that was noted earlier');
    }
    try {
      parseEvent(bytes, place);
    } catch {
      this.#report(place, link.seq, 'unparseable', 'not an event');
    }
  }

  #report(place: string, seq: number | null, fault: Fault, detail: string): void {
    this.#breaks.push({ place, seq, fault, detail });
  }
}

/** What a damaged line says of its number. */
function claimedSeq(line: Buffer): number | null {
  const digits = /"seq":([0-9]{1,15}),/.exec(line.toString('latin1', 0, 200))?.[1];
  return digits === undefined ? null : Number(digits);
}
