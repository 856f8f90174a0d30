/** Refused messages: poison takes their place upstream, the trail is told, and their error waits for poison's. */
import type { ErrorFields, Verdict } from '../guardrails/types.ts';
import { protocolViolation, statementTooLong } from './errors.ts';
import type { Forwarder } from './forwarder.ts';
import { type EntryKind, entry } from './pipeline.ts';
import { POISON_EXECUTE, POISON_QUERY } from './poison.ts';
import type { Via } from './recorder.ts';
import type { SessionState } from './session-state.ts';
import { UNREADABLE } from './unexamined.ts';
import { ProtocolError } from './wire/protocol-error.ts';

export class Refusals {
  readonly #session: SessionState;
  readonly #forwarder: Forwarder;

  constructor(session: SessionState, forwarder: Forwarder) {
    this.#session = session;
    this.#forwarder = forwarder;
  }

  /** A message with a text, or the values of one. */
  refuse(via: Via & EntryKind, verdict: Verdict, error: ErrorFields): void {
    this.#session.recorder.refused(via, verdict, error);
    this.poison(via, error);
  }

  poison(kind: EntryKind, refused: ErrorFields): void {
    const { pipeline, prepared } = this.#session;
    if (kind === 'query') {
      prepared.dropUnnamed();
      pipeline.push(entry('query', { refused, segment: prepared.segmentEnded() }));
    } else {
      pipeline.push(entry(kind, { refused }));
    }
    this.#forwarder.send(kind === 'query' ? POISON_QUERY : POISON_EXECUTE);
  }

  /**
   * Decodes a message of so many bytes with SQL text. Text that can't be read as UTF-8, or is too long, is an ordinary
   * error: null then.
   */
  text<T>(kind: 'query' | 'parse', bytes: number, read: () => T): T | null {
    const { maxStatementBytes } = this.#session.limits;
    if (bytes > maxStatementBytes) {
      this.refuse(kind, UNREADABLE, statementTooLong(bytes, maxStatementBytes));
      return null;
    }
    try {
      return read();
    } catch (fault) {
      if (!(fault instanceof ProtocolError) || fault.sqlstate !== '22021') throw fault;
      this.refuse(kind, UNREADABLE, protocolViolation(fault.message, fault.sqlstate));
      return null;
    }
  }
}
