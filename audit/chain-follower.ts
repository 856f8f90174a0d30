import { isUtf8 } from 'node:buffer';
import { type ChainHead, type Link, type LinkFault, readLink } from './chain.ts';
import type { SpooledEvent } from './events.ts';
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
  /** An event that says it is of another node than the stream is. */
  | 'other node'
  /** A line without its newline inside the stream. */
  | 'torn line'
  /** The stream ends before an event that was noted earlier. */
  | 'cut off'
  /** The chain is whole, but not the one that was noted earlier. */
  | 'rewritten'
  /** What claims to be a signed statement about the stream is not signed by the key that it names, or is of another stream. */
  | 'bad checkpoint';

export interface Break {
  /** `path:line`, lines counted from 1; or another name of the place. */
  readonly place: string;
  /** The event's number, null where it can't be read. */
  readonly seq: number | null;
  readonly fault: Fault;
  readonly detail: string;
}

/** One line: what it is, and what is wrong with it. */
export interface Followed {
  /** null: its own hash is not right. */
  readonly link: Link | null;
  /** null: it is none. */
  readonly event: SpooledEvent | null;
  readonly breaks: readonly Break[];
}

/** Goes along a chain. After a break it goes on from the line as it stands, so that not every line behind one is another. */
export class ChainFollower {
  /** What the next line has to follow; null: anything. */
  #before: ChainHead | null;
  readonly #node: string | null;

  /** `start`: what the first line has to follow; null: anything. `node`: whose stream it is; null: nobody knows. */
  constructor(start: ChainHead | null, node: string | null) {
    this.#before = start;
    this.#node = node;
  }

  /** What comes next has to follow this. */
  goOnFrom(head: ChainHead): void {
    this.#before = head;
  }

  /** A line without its newline. */
  take(line: Buffer, place: string): Followed {
    const link = readLink(line);
    if (typeof link === 'string') {
      this.#before = null;
      const detail = link === 'bad hash' ? 'the line was changed' : 'not an event';
      return { link: null, event: null, breaks: [{ place, seq: claimedSeq(line), fault: link, detail }] };
    }
    const breaks = this.#before === null ? [] : orderBreaks(link, this.#before, place);
    this.#before = { seq: link.seq, hash: link.hash };
    const found = (fault: Fault, detail: string): readonly Break[] => [
      ...breaks,
      { place, seq: link.seq, fault, detail },
    ];
    const event = eventOf(line, link);
    if (event === null) return { link, event, breaks: found('unparseable', 'not an event') };
    if (this.#node === null || event.node === this.#node) return { link, event, breaks };
    return {
      link,
      event,
      breaks: found('other node', `says that it is of node ${JSON.stringify(event.node.slice(0, 64))}`),
    };
  }
}

/** null: it is none, or says twice where in the chain it stands. */
function eventOf(line: Buffer, { seq, prev, hash }: Link): SpooledEvent | null {
  if (!isUtf8(line)) return null;
  try {
    const event = parseEvent(line, '');
    return event.seq === seq && event.prev === prev && event.hash === hash ? event : null;
  } catch {
    return null;
  }
}

function orderBreaks(link: Link, before: ChainHead, place: string): readonly Break[] {
  const { seq } = link;
  const next = before.seq + 1;
  const found = (fault: Fault, detail: string): readonly Break[] => [{ place, seq, fault, detail }];
  if (seq > next) return found('gap in seq', `events ${next} to ${seq - 1} are missing`);
  if (seq < next) return found('reordered', `stands behind event ${before.seq}`);
  if (link.prev !== before.hash) return found('prev mismatch', `does not follow from event ${before.seq}`);
  return [];
}

/** What a line, damaged or not, says of its number. */
export function claimedSeq(line: Buffer): number | null {
  const digits = /"seq":([0-9]{1,15}),/.exec(line.toString('latin1', 0, 200))?.[1];
  return digits === undefined ? null : Number(digits);
}
