import { ByteWriter, piece } from './byte-writer.ts';
import { beginLine, type ChainHead, sealLine } from './chain.ts';
import type { AuditEvent } from './events.ts';
import { serialize } from './serialize.ts';

const NEWLINE = piece('\n');

/** Lines that are to be written, as the bytes that they will be in the file, and where the chain stands with them. */
export class Batch {
  readonly #lines = new ByteWriter();
  #head: ChainHead;
  /** Where the sealed lines end; what stands behind is a draft. */
  #end = 0;

  constructor(head: ChainHead) {
    this.#head = head;
  }

  /** Bytes, with those of a draft. */
  get length(): number {
    return this.#lines.length;
  }

  /** The sealed lines; valid until the next draft. */
  get bytes(): Buffer {
    return this.#lines.view(0, this.#end);
  }

  /**
   * Writes an event's line, to be sealed or to be forgotten. `place`: its `at` and `node`. Returns its bytes so far.
   * @throws TypeError for what is no event
   */
  draft(event: AuditEvent, place: Uint8Array): number {
    const lines = this.#lines;
    lines.truncate(this.#end);
    beginLine(lines, this.#head);
    lines.bytes(place);
    serialize(event, lines);
    return lines.length - this.#end;
  }

  /** Makes the draft the chain's next line. */
  seal(): void {
    this.#head = sealLine(this.#lines, this.#end, this.#head);
    this.#lines.bytes(NEWLINE);
    this.#end = this.#lines.length;
  }

  discardDraft(): void {
    this.#lines.truncate(this.#end);
  }

  /** The sealed lines have been written. */
  clear(): void {
    this.#end = 0;
    this.#lines.truncate(0);
  }
}
