/**
 * The hash chain. One event is one line:
 *
 *   {"prev":"<64 hex>","seq":7,"at":"...","node":"...", ...event..., "hash":"<64 hex>"}
 *
 * `hash` is SHA-256 over the line's bytes before `,"hash":`; `prev` is the hash of the line before, and for the first
 * line of a stream the hash of its name (see genesis). docs/audit-trail.md shows how to check it with sha256sum alone.
 */
import { hash as digest } from 'node:crypto';
import { type ByteWriter, piece } from './byte-writer.ts';

const PREV = '{"prev":"';
const SEQ = '","seq":';
const HASH = ',"hash":"';
const END = '"}';
const HEX = 64;
const SEQ_START = PREV.length + HEX + SEQ.length;
const TAIL = HASH.length + HEX + END.length;
const COMMA = 0x2c;
const PIECES = { prev: piece(PREV), seq: piece(SEQ), comma: piece(','), hash: piece(HASH), end: piece(END) };
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

/** Begins the line that follows `head`, up to and without its time and node. */
export function beginLine(line: ByteWriter, { hash, seq }: ChainHead): void {
  line.bytes(PIECES.prev);
  line.ascii(hash);
  line.bytes(PIECES.seq);
  line.number(seq + 1);
  line.bytes(PIECES.comma);
}

/** Ends the line that begins at `start`, without its newline; returns where the chain stands with it. */
export function sealLine(line: ByteWriter, start: number, head: ChainHead): ChainHead {
  const hash = sha256(line.view(start, line.length));
  line.bytes(PIECES.hash);
  line.ascii(hash);
  line.bytes(PIECES.end);
  return { seq: head.seq + 1, hash };
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
