/**
 * What has been sent to the upstream and not been answered, in order. Pure: replies go in, entries come out; no I/O.
 * It knows the rules of the manual's "Message Flow" chapter: an error in the extended protocol skips to the next Sync,
 * Sync is ignored while COPY FROM STDIN runs, CopyDone outside of it is ignored.
 */
import type { ErrorFields } from '../guardrails/types.ts';
import type { CutBy, Run } from './run.ts';

export type EntryKind = 'parse' | 'bind' | 'close' | 'describe' | 'execute' | 'query' | 'sync' | 'copy-end';

export interface Entry {
  readonly kind: EntryKind;
  /** The execution this message starts, if it does. */
  readonly run: Run | null;
  /** Set when a poison message stands in for a refused one: its error is told instead of the upstream's. */
  readonly refused: ErrorFields | null;
  /** Takes back what was assumed when the message was forwarded; called if it fails or is skipped. */
  readonly undo: (() => void) | null;
  /** Sent by the proxy on its own account: the client sees none of its replies. */
  readonly hidden: boolean;
  /**
   * One statement of a text that is run statement by statement: its completion does not end the run. Its place in the
   * text, in characters.
   */
  readonly part: { readonly offset: number } | null;
  /** Sync and Query: which segment of the session they end (PreparedStatements.segmentEnded). */
  readonly segment: number;
}

/** One for each message: its members are named, since spreading them would cost more than all else here. */
export function entry(kind: EntryKind, fields: Partial<Entry> = {}): Entry {
  const { run = null, refused = null, undo = null, hidden = false, part = null, segment = 0 } = fields;
  return { kind, run, refused, undo, hidden, part, segment };
}

/** Message kinds without anything to remember share one frozen entry: nothing is allocated for them. */
export const DESCRIBE = Object.freeze(entry('describe'));
export const COPY_END = Object.freeze(entry('copy-end'));

/** Messages upstream that have not been answered; more would fill our memory. */
const MAX_UNANSWERED = 10_000;

export class Pipeline {
  #entries: Entry[] = [];
  #head = 0;
  #skipping = false;
  #copyIn = false;
  #crowded = false;
  #midSegment = false;

  /** What was pushed last was not a Query or Sync: an implicit transaction may be open. */
  get midSegment(): boolean {
    return this.#midSegment;
  }

  get size(): number {
    return this.#entries.length - this.#head;
  }

  /** The oldest unanswered message: the one the next reply belongs to. */
  get head(): Entry | undefined {
    while (this.#entries[this.#head]?.kind === 'copy-end') this.shift();
    return this.#entries[this.#head];
  }

  /** Everything up to the next Sync is ignored, by the upstream or for a cut; what is sent meanwhile need not be. */
  get skipping(): boolean {
    return this.#skipping;
  }

  /** So many messages are unanswered that their client has to wait, until half of them are. */
  get crowded(): boolean {
    this.#crowded = this.size >= (this.#crowded ? MAX_UNANSWERED / 2 : MAX_UNANSWERED);
    return this.#crowded;
  }

  get copyIn(): boolean {
    return this.#copyIn;
  }

  some(test: (entry: Entry) => boolean): boolean {
    for (let i = this.#head; i < this.#entries.length; i++) if (test(this.#entries[i]!)) return true;
    return false;
  }

  /** A message is being forwarded. */
  push(item: Entry): void {
    if (item.kind === 'sync') {
      if (this.#copyIn) return;
      this.#skipping = false;
    }
    this.#midSegment = item.kind !== 'sync' && item.kind !== 'query';
    if (item.kind === 'copy-end') this.#copyIn = false;
    this.#entries.push(item);
  }

  /** The head has been answered whole. */
  shift(): Entry | undefined {
    const item = this.#entries[this.#head];
    if (item === undefined) return undefined;
    this.#head++;
    if (this.#head === this.#entries.length) {
      this.#entries = [];
      this.#head = 0;
    } else if (this.#head > 1024) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** CopyInResponse: Syncs sent after the COPY and before its end are read, and ignored, as part of the copy. */
  copyInStarted(): void {
    const rest = this.#entries.slice(this.#head + 1);
    const end = rest.findIndex((item) => item.kind === 'copy-end');
    this.#copyIn = end === -1;
    const kept = rest.filter((item, i) => item.kind !== 'sync' || (end !== -1 && i > end));
    this.#entries = [this.#entries[this.#head]!, ...kept];
    this.#head = 0;
  }

  copyInEnded(): void {
    this.#copyIn = false;
  }

  /**
   * The client has been told an error of the head, an Execute that goes on upstream. What is behind it in its segment is
   * as good as skipped: nothing of it is told, and what else comes up to the Sync is not sent.
   */
  headCut(by: CutBy): void {
    for (let i = this.#head + 1; i < this.#entries.length; i++) {
      const item = this.#entries[i] as Entry;
      if (item.kind === 'sync') return;
      if (item.run !== null) item.run.cut ??= by;
      this.#entries[i] = { ...item, hidden: true };
    }
    this.#skipping = true;
  }

  /**
   * ErrorResponse to the head. Returns the entries that are thereby over, oldest first: those of an extended-protocol
   * sequence up to its Sync (which still answers ReadyForQuery). A Query, or an error at Sync itself, stays until its
   * ReadyForQuery, so nothing is returned.
   */
  fail(): readonly Entry[] {
    this.#copyIn = false;
    const head = this.head;
    if (head === undefined || head.kind === 'query' || head.kind === 'sync') return [];
    const over: Entry[] = [];
    for (let item = this.head; item !== undefined && item.kind !== 'sync'; item = this.head) {
      over.push(item);
      this.shift();
    }
    this.#skipping = this.size === 0;
    return over;
  }
}
