/**
 * Entry of a parser's process: texts in, redacted texts and then facts out, in frames (see parser-frames.ts). It has
 * nothing else to do, so it just blocks; it ends with its input. See parser-process.ts.
 */
import { readSync, writeSync } from 'node:fs';
import { setPriority } from 'node:os';
import { serialize } from 'node:v8';
import { FRAME, frameHeader, HEADER_LENGTH, parseHeader } from './parser-frames.ts';
import { boundedFacts, redaction } from './parser-reading.ts';

/** Not standard output: PostgreSQL's parser may print there. */
const CHANNEL = 3;
/** Below the sessions'; not the lowest, or a busy machine would never get to it. */
const PRIORITY = 10;
const NOTHING = Buffer.alloc(0);

setPriority(PRIORITY);
// Signals for the whole group are for those who end by a plan of their own: input ends when they are gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

for (let header = read(HEADER_LENGTH); header !== null; header = read(HEADER_LENGTH)) {
  const body = read(parseHeader(header).length);
  if (body === null) break;
  const sql = body.toString('utf8');
  const {
    redacted: { text, json },
    secretParameters,
  } = redaction(sql);
  if (json !== undefined) write(FRAME.json, json);
  if (text === null) write(FRAME.nothingHidden, NOTHING);
  else write(FRAME.text, Buffer.from(text));
  write(FRAME.facts, serialize({ ...boundedFacts(sql), secretParameters }));
}
process.exit();

/** null: the input has ended. */
function read(length: number): Buffer | null {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length; ) {
    const got = readSync(CHANNEL, bytes, { offset: at });
    if (got === 0) return null;
    at += got;
  }
  return bytes;
}

function write(kind: number, body: Uint8Array): void {
  for (const bytes of [frameHeader(kind, body.length), body])
    for (let at = 0; at < bytes.length; ) at += writeSync(CHANNEL, bytes, at);
}
