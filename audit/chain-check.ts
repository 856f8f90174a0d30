import type { ChainHead } from './chain.ts';
import { type Break, ChainFollower, claimedSeq } from './chain-follower.ts';
import { readLines } from './lines.ts';

export type { Break, Fault } from './chain-follower.ts';

/** A head, when it was signed (ISO 8601 UTC), and the name of the key. */
export interface SignedHead extends ChainHead {
  readonly at: string;
  readonly key: string;
}

/** Told how a check goes. */
export interface CheckProgress {
  /** So many events more are to be checked, or about so many. */
  expect(events: number): void;
  /** So many more have been. */
  checked(events: number): void;
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
  /** Up to where it is signed by a key that is known; null: nothing is. */
  readonly signed: SignedHead | null;
  /** Names of keys that something else about it is signed by: what that says has not been checked. */
  readonly unknownKeys: readonly string[];
  /** Places where the chain is broken. */
  readonly breaks: number;
  readonly firstBreak: Break | null;
}

/** Events that are gone for good reasons: those after one, up to and with another. */
export interface Gap {
  readonly after: ChainHead;
  readonly to: ChainHead;
}

export interface Chain {
  readonly name: string;
  /** Whose it is; null: nobody knows. */
  readonly node: string | null;
  readonly files: readonly string[];
  /** What the first line has to follow; null: anything. */
  readonly start: ChainHead | null;
  /** Heads that were noted earlier: these events must be there. */
  readonly anchors: readonly ChainHead[];
  readonly gaps: readonly Gap[];
  /** What is known to be wrong without reading the chain. */
  readonly known: readonly Break[];
  /** Absent: nobody has looked for signatures. */
  readonly signed?: Pick<StreamReport, 'unknownKeys'> & { readonly last: SignedHead | null };
}

export async function checkChain(chain: Chain, progress?: CheckProgress): Promise<StreamReport> {
  const check = new ChainCheck(chain);
  for (const file of chain.files) {
    for await (const lines of readLines(file)) {
      for (const line of lines) {
        const place = `${file}:${line.number}`;
        if (line.whole) check.line(line.bytes, place);
        else check.torn(line.bytes.length, place, file === chain.files.at(-1));
      }
      progress?.checked(lines.length);
    }
  }
  return check.end(chain.files.length, chain.files.at(-1) ?? chain.name);
}

/** Checks a chain line by line, wherever the lines come from. */
export class ChainCheck {
  readonly #name: string;
  readonly #follower: ChainFollower;
  readonly #anchors: ReadonlyMap<number, string>;
  readonly #gaps: ReadonlyMap<number, Gap>;
  readonly #signed: Chain['signed'];
  #head: ChainHead | null;
  #events = 0;
  #tornBytes = 0;
  readonly #breaks: Break[];
  #gap: { readonly from: number; readonly to: number; readonly index: number } | null = null;

  constructor({ name, node, start, anchors, gaps, known, signed }: Omit<Chain, 'files'>) {
    this.#name = name;
    this.#head = start;
    this.#gaps = new Map(gaps.map((gap) => [gap.to.seq, gap]));
    this.#breaks = [...known];
    this.#signed = signed;
    this.#follower = new ChainFollower(start, node);
    this.#anchors = new Map(anchors.map(({ seq, hash }) => [seq, hash]));
  }

  line(bytes: Buffer, place: string): void {
    this.#passGap(bytes);
    const { link, breaks } = this.#follower.take(bytes, place);
    for (const each of breaks) this.#report(each);
    if (link === null) return;
    this.#events += 1;
    const noted = this.#anchors.get(link.seq);
    if (noted !== undefined && noted !== link.hash) {
      const detail = 'not the event that was noted earlier';
      this.#report({ place, seq: link.seq, fault: 'rewritten', detail });
    }
    this.#head = { seq: link.seq, hash: link.hash };
  }

  torn(bytes: number, place: string, atEnd: boolean): void {
    if (atEnd) this.#tornBytes = bytes;
    else this.#report({ place, seq: null, fault: 'torn line', detail: `${bytes} bytes without a newline` });
  }

  /** `place`: where the stream ends. */
  end(segments: number, place: string): StreamReport {
    const last = this.#behindGaps()?.seq ?? 0;
    const noted = Math.max(0, ...this.#anchors.keys());
    if (last < noted) {
      const detail = `ends at event ${last}, once had ${noted}`;
      this.#report({ place, seq: noted, fault: 'cut off', detail });
    }
    return {
      name: this.#name,
      segments,
      events: this.#events,
      head: this.#events === 0 ? null : this.#head,
      tornBytes: this.#tornBytes,
      signed: this.#signed?.last ?? null,
      unknownKeys: this.#signed?.unknownKeys ?? [],
      breaks: this.#breaks.length,
      firstBreak: this.#breaks[0] ?? null,
    };
  }

  /** Where events before a line are gone, and that is accounted for from the last one on. */
  #passGap(line: Buffer): void {
    const before = (claimedSeq(line) ?? 0) - 1;
    if (this.#head === null || before <= this.#head.seq) return;
    for (let gap = this.#gaps.get(before); gap !== undefined; ) {
      const { seq, hash } = gap.after;
      if (seq === this.#head.seq && hash === this.#head.hash) {
        this.#head = this.#gaps.get(before)?.to ?? this.#head;
        this.#follower.goOnFrom(this.#head);
        return;
      }
      const earlier = this.#gaps.get(seq);
      gap = earlier?.to.hash === hash ? earlier : undefined;
    }
  }

  /** The last event that there is, or that is accounted for: all behind it may be gone, too. */
  #behindGaps(): ChainHead | null {
    let head = this.#head;
    for (const { after, to } of [...this.#gaps.values()].sort((a, b) => a.to.seq - b.to.seq))
      if (after.seq === head?.seq && after.hash === head.hash) head = to;
    return head;
  }

  #report(found: Break): void {
    const before = this.#head?.seq ?? 0;
    if (found.fault === 'gap in seq' && found.seq !== null)
      this.#gap = { from: before + 1, to: found.seq, index: this.#breaks.length };
    if (found.fault === 'reordered' && found.seq !== null) this.#foundLater(found.seq);
    this.#breaks.push(found);
  }

  /** What looked like missing events were only moved. */
  #foundLater(seq: number): void {
    const gap = this.#gap;
    const entry = gap === null ? undefined : this.#breaks[gap.index];
    if (gap === null || entry === undefined || seq < gap.from || seq >= gap.to) return;
    this.#breaks[gap.index] = { ...entry, fault: 'reordered', detail: `event ${seq} stands behind it` };
    this.#gap = null;
  }
}
