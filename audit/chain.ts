/**
 * The hash chain. One event is one line:
 *
 *   {"prev":"<64 hex>","seq":7,"at":"...","node":"...", ...event..., "hash":"<64 hex>"}
 *
 * `hash` is SHA-256 over the line's bytes before `,"hash":`; `prev` is the hash of the line before, and for the first
 * line of a stream the hash of its name (see genesis). docs/audit-trail.md shows how to check it with sha256sum alone.
 */
import { hash as digest } from 'node:crypto';

const PREV = '{"prev":"';
const SEQ = '","seq":';
const HASH = ',"hash":"';
const END = '"}';
const HEX = 64;
const SEQ_START = PREV.length + HEX + SEQ.length;
const TAIL = HASH.length + HEX + END.length;
const COMMA = 0x2c;
const HASH_PATTERN = /^[0-9a-f]{64}$/;
const SEQ_PATTERN = /^[1-9][0-9]{0,15}$/;

/** Where a chain stands: the last event's number (0: none yet) and hash. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/** What a line says of its place, its own hash being right. */
export interface Link extends ChainHead {
  readonly prev: string;
}

export type LinkFault = 'unparseable' | 'bad hash';

const sha256 = (data: string | Uint8Array): string => digest('sha256', data, 'hex');

/** Binds a chain to its stream, so that one stream's segments cannot pass for another's. */
export function genesis(node: string, stream: string): ChainHead {
  return { seq: 0, hash: sha256(`postern audit ${node}/${stream}`) };
}

/** An event's members as JSON, without braces; or what stands before and behind a long value that is in UTF-8 already. */
export type Fields = string | { readonly before: string; readonly text: Uint8Array; readonly after: string };

/** Bytes that a sealed line with these fields takes at most. */
export const sealedLength = (fields: Fields): number =>
  typeof fields === 'string'
    ? MAX_FRAME + 3 * fields.length
    : MAX_FRAME + 3 * (fields.before.length + fields.after.length) + fields.text.length;

/** Frame around the fields: prev, a seq of at most 16 digits, the hash. */
const MAX_FRAME = SEQ_START + 17 + TAIL;

/**
 * Writes the line for `fields`, its members after `seq` as JSON without braces, to `target`, which has room for
 * sealedLength bytes from `at`. The line comes without its newline and ends at `end`.
 */
export function sealInto(
  target: Buffer,
  at: number,
  head: ChainHead,
  fields: Fields,
): { readonly end: number; readonly head: ChainHead } {
  const seq = head.seq + 1;
  const place = `${PREV}${head.hash}${SEQ}${seq},`;
  let end = at;
  if (typeof fields === 'string') {
    end += target.write(place + fields, end, 'utf8');
  } else {
    end += target.write(place + fields.before, end, 'utf8');
    target.set(fields.text, end);
    end += fields.text.length;
    end += target.write(fields.after, end, 'utf8');
  }
  const hash = sha256(target.subarray(at, end));
  end += target.write(`${HASH}${hash}${END}`, end, 'latin1');
  return { end, head: { seq, hash } };
}

/** The same as a string. */
export function seal(head: ChainHead, fields: Fields): { readonly line: string; readonly head: ChainHead } {
  const target = Buffer.alloc(sealedLength(fields));
  const sealed = sealInto(target, 0, head, fields);
  return { line: target.toString('utf8', 0, sealed.end), head: sealed.head };
}

/** Reads the link of one line (without newline) and checks its own hash. Strict: one spelling only. */
export function readLink(line: Buffer): Link | LinkFault {
  const bodyEnd = line.length - TAIL;
  const seqEnd = line.indexOf(COMMA, SEQ_START);
  if (seqEnd < 0 || seqEnd > bodyEnd) return 'unparseable';
  const prev = line.toString('latin1', PREV.length, PREV.length + HEX);
  const seq = line.toString('latin1', SEQ_START, seqEnd);
  const hash = line.toString('latin1', line.length - HEX - END.length, line.length - END.length);
  const framed =
    line.toString('latin1', 0, PREV.length) === PREV &&
    line.toString('latin1', PREV.length + HEX, SEQ_START) === SEQ &&
    line.toString('latin1', bodyEnd, bodyEnd + HASH.length) === HASH &&
    line.toString('latin1', line.length - END.length) === END;
  if (!framed || !HASH_PATTERN.test(prev) || !HASH_PATTERN.test(hash) || !SEQ_PATTERN.test(seq)) {
    return 'unparseable';
  }
  return sha256(line.subarray(0, bodyEnd)) === hash ? { seq: Number(seq), prev, hash } : 'bad hash';
}
