import type { Verdict } from '../../guardrails/types.ts';
import { parameterTexts } from '../parameter-texts.ts';
import { decodeBind, decodeDescribe, type ParseMessage } from '../wire/frontend-messages.ts';
import { HEADER_LENGTH } from '../wire/message-types.ts';

/**
 * A Parse whose text needs a reviewer. It is kept until the next message says what it is for: most clients send the Bind
 * with it, whose values a reviewer has to see. Nobody can tell: PostgreSQL answers neither before Flush or Sync.
 */
export class DeferredParse {
  readonly message: ParseMessage;
  readonly verdict: Verdict;
  readonly #frames: Buffer[];

  /** `frame` is copied: its chunk is not ours for long. */
  constructor(message: ParseMessage, verdict: Verdict, frame: Buffer) {
    this.message = message;
    this.verdict = verdict;
    this.#frames = [Buffer.from(frame)];
  }

  /** The Parse, and the Describe of its statement if one has come. */
  get frames(): readonly Buffer[] {
    return this.#frames;
  }

  /** Takes a Describe of its statement in, which clients send before Bind to know types. One of them. */
  takesDescribe(frame: Buffer): boolean {
    const { target, name } = decodeDescribe(frame.subarray(HEADER_LENGTH));
    if (this.#frames.length > 1 || target !== 'S' || name !== this.message.name) return false;
    this.#frames.push(Buffer.from(frame));
    return true;
  }

  /** The values of a Bind of its statement, as a reviewer sees them; null: it is another's. */
  valuesIn(bind: Buffer): readonly (string | null)[] | null {
    const message = decodeBind(bind);
    const { name, parameterTypes } = this.message;
    return message.statement === name
      ? parameterTexts(bind, message, { types: parameterTypes, verdict: this.verdict })
      : null;
  }
}
