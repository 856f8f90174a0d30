/**
 * What goes upstream in place of a refused message: a message of ours which always fails, in every transaction state,
 * and changes nothing. PostgreSQL itself then does what it does after an error (aborts the block, rolls back the
 * implicit transaction, skips to Sync), and only the error's text is replaced on its way back. See
 * docs/decisions/ on denials.
 */
import { randomBytes } from 'node:crypto';
import { FRONTEND } from './wire/message-types.ts';

function message(type: number, ...strings: readonly string[]): Buffer {
  const body = Buffer.from(strings.map((string) => `${string}\0`).join(''), 'utf8');
  const extra = type === FRONTEND.execute ? 4 : 0; // Execute: row limit 0
  const frame = Buffer.alloc(5 + body.length + extra);
  frame[0] = type;
  frame.writeUInt32BE(frame.length - 1, 1);
  body.copy(frame, 5);
  return frame;
}

/** Not SQL in any version: fails in the parser, also inside an aborted transaction block. */
export const POISON_QUERY = message(FRONTEND.query, 'statement refused by postern');
/** 34000: there is no portal of that name. Random, or a client could declare a cursor of that name and disarm it. */
export const POISON_EXECUTE = message(
  FRONTEND.execute,
  `refused by postern ${randomBytes(12).toString('hex')}`,
);
export const FLUSH = Buffer.from([FRONTEND.flush, 0, 0, 0, 4]);
export const SYNC_MESSAGE = Buffer.from([FRONTEND.sync, 0, 0, 0, 4]);
export const TERMINATE = Buffer.from([FRONTEND.terminate, 0, 0, 0, 4]);
