/** What a parser's thread or process does with a text. */
import { encodeText } from '../audit/masked.ts';
import { extract } from '../guardrails/extract.ts';
import type { Facts } from '../guardrails/facts.ts';
import { TOO_COMPLEX } from '../guardrails/parse.ts';
import { redaction as redactionOf } from '../guardrails/redact.ts';
import type { Redaction } from './parser-host.ts';

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

export function redaction(sql: string): {
  readonly redacted: Redaction & { readonly json: Uint8Array<ArrayBuffer> | undefined };
  readonly secretParameters: readonly number[];
} {
  const { redactedText, secretParameters } = redactionOf(sql);
  const text = redactedText === sql ? null : redactedText;
  const json = redactedText.length > LONG ? encodeText(redactedText) : undefined;
  return { redacted: { kind: 'redaction', text, json }, secretParameters };
}

export function boundedFacts(sql: string): Facts {
  const facts = extract(sql);
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
