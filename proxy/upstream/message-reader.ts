import type { BackendMessage } from 'pg-protocol/dist/messages.js';
import { Parser } from 'pg-protocol/dist/parser.js';
import { HEADER_LENGTH, LENGTH_LENGTH, TYPE_LENGTH } from '../wire/message-types.ts';
import type { ByteReader } from './byte-reader.ts';
import { UpstreamError } from './upstream-error.ts';

/** No message before the first ReadyForQuery comes near it. Until the server is authenticated it is not trusted with more. */
const MAX_LENGTH = 64 * 1024;

/**
 * The upstream's messages one at a time. pg-protocol decodes them, given one whole frame each: it believes what it is
 * given, so the frame is cut here, and bytes after it stay with the reader.
 */
export class MessageReader {
  readonly #bytes: ByteReader;
  readonly #parser = new Parser();

  constructor(bytes: ByteReader) {
    this.#bytes = bytes;
  }

  /** @throws UpstreamError */
  async next(): Promise<BackendMessage> {
    const header = await this.#bytes.take(HEADER_LENGTH);
    const length = header.readUInt32BE(TYPE_LENGTH);
    if (length < LENGTH_LENGTH || length > MAX_LENGTH) throw notUnderstood(`a message of ${length} bytes`);
    return this.#decode(Buffer.concat([header, await this.#bytes.take(length - LENGTH_LENGTH)]));
  }

  #decode(frame: Buffer): BackendMessage {
    const messages: BackendMessage[] = [];
    try {
      this.#parser.parse(frame, (message) => messages.push(message));
    } catch (cause) {
      throw notUnderstood(`a message of type ${String.fromCharCode(frame[0] as number)}`, cause);
    }
    return messages[0] as BackendMessage;
  }
}

export function notUnderstood(what: string, cause?: unknown): UpstreamError {
  return new UpstreamError('protocol', `the server sent ${what}, which is not understood`, { cause });
}
