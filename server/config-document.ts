import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';

/** One thing that is wrong, and where: line and column from 1. The value is never part of it: it may be a secret. */
export interface ConfigFault {
  readonly line: number;
  readonly column: number;
  /** `databases.shop.url`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

export type ConfigPath = readonly PropertyKey[];

/** A YAML file as a value that remembers where everything in it stands. */
export class ConfigDocument {
  readonly #lines = new LineCounter();
  readonly #document: ReturnType<typeof parseDocument>;

  /** Plain data; undefined if the YAML has faults. */
  readonly value: unknown;
  /** Of the YAML itself: bad indentation, duplicate keys, unknown tags ... */
  readonly faults: readonly ConfigFault[];

  constructor(text: string) {
    // Pretty errors would quote the source, secrets included.
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, strict: true });
    const faults = [...this.#document.errors, ...this.#document.warnings].map((error) => ({
      ...this.#at(error.pos[0]),
      path: '',
      message: error.code.toLowerCase().replaceAll('_', ' '),
    }));
    try {
      this.value = faults.length === 0 ? (this.#document.toJS({ maxAliasCount: 100 }) ?? {}) : undefined;
    } catch {
      faults.push(this.fault([], 'has aliases that lead nowhere, or too many'));
    }
    this.faults = faults;
  }

  fault(path: ConfigPath, message: string): ConfigFault {
    return { ...this.#at(this.#offset(path)), path: path.map(String).join('.'), message };
  }

  /** Of the value there, or of the nearest thing around what is missing. */
  #offset(path: ConfigPath): number {
    for (let depth = path.length; depth > 0; depth -= 1) {
      const offset = this.#keyOffset(path.slice(0, depth)) ?? this.#itemOffset(path.slice(0, depth));
      if (offset !== undefined) return offset;
    }
    return 0;
  }

  #keyOffset(path: ConfigPath): number | undefined {
    const parent =
      path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true);
    if (!isMap(parent)) return undefined;
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)));
    return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  }

  #itemOffset(path: ConfigPath): number | undefined {
    const node = this.#document.getIn(path, true);
    return isNode(node) ? node.range?.[0] : undefined;
  }

  #at(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

/** What is wrong with a configuration file: all of it. */
export class ConfigError extends Error {
  readonly faults: readonly ConfigFault[];

  constructor(file: string, faults: readonly ConfigFault[]) {
    const lines = faults.map(
      ({ line, column, path, message }) =>
        `  ${basename(file)}:${line}:${column} ${path === '' ? '' : `${path}: `}${message}`,
    );
    super(`${file} has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** Where in the document the schema's issues are, in the order of its text. */
export function faultsOf(
  document: ConfigDocument,
  issues: readonly z.core.$ZodIssue[],
): readonly ConfigFault[] {
  return issues
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => document.fault([...issue.path, key], 'is not a known key'))
        : [document.fault(issue.path, issue.message)],
    )
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

/** Throws ConfigError, with a hint of what to do. */
export function readConfigText(file: string, hint: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const message = `can't be read (${(error as NodeJS.ErrnoException).code}); ${hint}`;
    throw new ConfigError(file, [{ line: 1, column: 1, path: '', message }]);
  }
}
