/**
 * PostgreSQL's own parser (libpg-query), with its failures told apart. The parser recurses on the host's stack: deep
 * nesting overflows it, and an overflow inside WebAssembly leaves the module damaged. So texts longer than
 * SAFE_LENGTH belong on a thread that can be thrown away (server/parser-pool.ts).
 */
import { setFlagsFromString } from 'node:v8';
import { loadModule, type Node, parseSync, SqlError } from 'libpg-query';
import { blankComments } from './blank-comments.ts';
import type { ErrorFields } from './types.ts';

// V8's optimizing compiler needs 500 MB for about a second, in each process, to make the parser a fifth faster: one of
// its functions is huge. The baseline compiler will do.
setFlagsFromString('--no-wasm-tier-up');
setFlagsFromString('--no-wasm-dynamic-tiering');
await loadModule();

/**
 * Texts of up to this many UTF-16 units can't overflow the stack of a main thread: the deepest nesting per character
 * (`+++1`) overflows 984 KB, Node's default, from 5300 characters on.
 */
export const SAFE_LENGTH = 2000;

export interface ParsedStatement {
  readonly node: Node | undefined;
  /** In UTF-16 units of the text. */
  readonly range: { readonly start: number; readonly end: number };
}

/** `damaged`: the error came from the parser's inside, which is not to be trusted after that. */
export type Parsed =
  | { readonly statements: readonly ParsedStatement[] }
  | { readonly error: ErrorFields; readonly damaged: boolean };

export const TOO_DEEP: ErrorFields = { sqlstate: '54001', message: 'statement is nested too deeply' };

/** It takes more memory or time than one statement gets. */
export const TOO_COMPLEX: ErrorFields = {
  sqlstate: '54001',
  message: 'statement is too complex to be examined',
  hint: 'Split it into several, or use COPY.',
};

export function parse(sql: string): Parsed {
  if (sql.includes('\0') || !sql.isWellFormed()) return { error: NOT_UTF8, damaged: false };
  if (sql === '') return { statements: [] };
  const parsed = attempt(sql);
  if (!('error' in parsed) || parsed.damaged) return parsed;
  const blanked = blankComments(sql);
  const again = blanked === null ? parsed : attempt(blanked);
  return 'error' in again && !again.damaged ? parsed : again;
}

const attempt = (sql: string): Parsed => {
  try {
    const units = unitsIn(sql);
    const statements = parseSync(sql).stmts ?? [];
    return {
      statements: statements.map(({ stmt, stmt_location: start = 0, stmt_len: length = 0 }) => ({
        node: stmt,
        range: { start: units(start), end: length === 0 ? sql.length : units(start + length) },
      })),
    };
  } catch (error) {
    return { error: fieldsOf(error), damaged: !(error instanceof SqlError) };
  }
};

const NOT_UTF8: ErrorFields = { sqlstate: '22021', message: 'invalid byte sequence for encoding "UTF8"' };

/** The parser counts bytes of UTF-8. To be asked for places from first to last. */
const unitsIn = (sql: string): ((bytes: number) => number) => {
  if (Buffer.byteLength(sql) === sql.length) return (bytes) => bytes;
  const utf8 = Buffer.from(sql);
  let at = { byte: 0, unit: 0 };
  return (byte) => {
    at = { byte, unit: at.unit + utf8.toString('utf8', at.byte, byte).length };
    return at.unit;
  };
};

const fieldsOf = (error: unknown): ErrorFields => {
  if (error instanceof SqlError && error.message !== 'out of memory')
    return {
      sqlstate: '42601',
      message: error.message,
      ...(error.sqlDetails === undefined ? {} : { position: error.sqlDetails.cursorPosition + 1 }),
    };
  if (error instanceof RangeError) return TOO_DEEP;
  // Out of memory, which the parser tells, or it gives nothing, or ends as PostgreSQL does when it is starting.
  return TOO_COMPLEX;
};
