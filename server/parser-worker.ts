/**
 * Entry of a parser's thread: texts in, redacted texts and then facts out. What is recorded of a text does not hang on
 * whether the parser survives it. See parser-thread.ts.
 */
import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { encodeText } from '../audit/masked.ts';
import { extract } from '../guardrails/extract.ts';
import type { Facts } from '../guardrails/facts.ts';
import { TOO_COMPLEX } from '../guardrails/parse.ts';
import { redact } from '../guardrails/redact.ts';

export interface Redaction {
  readonly kind: 'redaction';
  /** null: the text has nothing to hide. */
  readonly text: string | null;
  /** The same, encoded for the trail; undefined: the event loop can do that as well. */
  readonly json: Uint8Array<ArrayBuffer> | undefined;
}

export type Reading = Redaction | { readonly kind: 'facts'; readonly facts: Facts };

/** Deciding takes the event loop some 10 us for each. */
const MOST_NEEDS = 20_000;

/** UTF-16 units; encoding such a text takes some 10 us. */
const LONG = 16 * 1024;

/** The parser's memory, bytes: enough for 16 MiB of rows to insert, or 4 MB of nothing but numbers. */
const PARSER_MEMORY = 512 * 1024 * 1024;
const PAGE = 64 * 1024;

interface Memory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}
/** Node.js has it; its types and TypeScript's without the DOM do not. */
declare const WebAssembly: { readonly Memory: { readonly prototype: Memory } };

boundParserMemory();
giveWay();

parentPort?.on('message', (sql: string) => {
  const redacted = redact(sql);
  const text = redacted === sql ? null : redacted;
  const json = redacted.length > LONG ? encodeText(redacted) : undefined;
  tell({ kind: 'redaction', text, json }, json && [json.buffer]);
  tell({ kind: 'facts', facts: bounded(extract(sql)) });
});

function tell(reading: Reading, transferred: ArrayBuffer[] = []): void {
  parentPort?.postMessage(reading, transferred);
}

function bounded(facts: Facts): Facts {
  const size = facts.statements.reduce((sum, { needs }) => sum + 1 + needs.length, 0);
  return size <= MOST_NEEDS ? facts : { error: TOO_COMPLEX, statements: [] };
}

/** libpg-query was compiled to take up to 1 GiB; it copes with getting no more. */
function boundParserMemory(): void {
  const { prototype } = WebAssembly.Memory;
  const { grow } = prototype;
  prototype.grow = function (this: Memory, pages: number): number {
    if (this.buffer.byteLength + pages * PAGE > PARSER_MEMORY) throw new RangeError('the parser has enough');
    return grow.call(this, pages);
  };
}

/** On Linux a priority belongs to a thread: the sessions' comes first. */
function giveWay(): void {
  if (process.platform === 'linux') setPriority(Math.max(10, getPriority()));
}
