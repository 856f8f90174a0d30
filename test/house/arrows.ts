/** The import arrows between the folders: who may know of whom. See CONTRIBUTING.md. */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** An import as it stands in a file; `types`: erased before anything runs (`import type`, `export type`). */
export interface Import {
  readonly specifier: string;
  readonly types: boolean;
}

export interface Arrow {
  /** A file of the project, as a path from its root. */
  readonly from: string;
  /** Likewise, or the name of a package. */
  readonly to: string;
  readonly package: boolean;
  readonly types: boolean;
}

/** Folders and files that code in a folder may import besides its own. */
interface Allowance {
  readonly values: readonly string[];
  /** By `import type` only. */
  readonly types: readonly string[];
  /** Packages and Node.js modules; default: any. */
  readonly packages?: RegExp;
}

/** The longest matching folder counts. A folder that is not listed may import nothing but itself. */
export const ALLOWED: Readonly<Record<string, Allowance>> = {
  'proxy/wire': { values: [], types: [], packages: /^(@mongodb-js\/saslprep|node:(buffer|crypto|util))$/ },
  proxy: {
    values: ['proxy/wire'],
    types: ['guardrails', 'audit', 'access'],
    packages: /^(node:.*|pg-protocol.*|@mongodb-js\/saslprep)$/,
  },
  guardrails: {
    values: [],
    types: [],
    packages: /^(libpg-query|@pgsql\/types|node:(buffer|crypto|util|v8))$/,
  },
  classifier: { values: [], types: ['guardrails'] },
  access: {
    values: ['guardrails/scope-pattern.ts'],
    types: ['guardrails/types.ts', 'proxy/ports.ts', 'audit/events.ts'],
  },
  audit: { values: ['guardrails/redact/secret-texts.ts'], types: ['guardrails/types.ts', 'proxy/ports.ts'] },
  // It runs in browsers: of the server it knows the form of its answers.
  'review/console': {
    values: [],
    types: ['server/api', 'access', 'audit'],
    packages: /^(preact.*|@preact\/signals|uplot|sql-formatter|lowlight|highlight\.js\/.*|hast|zod)$/,
  },
  server: {
    values: ['proxy', 'guardrails', 'classifier', 'access', 'audit', 'package.json'],
    types: [],
  },
  cli: {
    values: ['server', 'access', 'audit', 'guardrails', 'classifier', 'package.json'],
    types: [],
  },
};

// A statement's own words cannot follow a quote or word character; what stands in comments is cut before.
const STATIC = /(?<![\w.'"`])(?:import|export)\s+(type\s+)?(?:[\w$*{}\s,]+?\sfrom\s*)?(['"])([^'"\n]+)\2/g;
const DYNAMIC = /(?<![\w.'"`])import\s*\(\s*(['"])([^'"\n]+)\1/g;
const COMPUTED = /(?<![\w.'"`])import\s*\(\s*(?!['"\s])/;
const INLINE_TYPES = /^(?:import|export)\s*\{(?:\s*type\s+[\w$]+(?:\s+as\s+[\w$]+)?\s*,?)+\s*\}/;
const COMMENTS = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;

/** Throws for `import(expression)`, which nobody can follow. */
export function importsOf(source: string): readonly Import[] {
  const code = source.replace(COMMENTS, '');
  if (COMPUTED.test(code)) throw new Error('import() of an expression cannot be checked');
  const fixed = [...code.matchAll(STATIC)].map(([text, type, , specifier]) => ({
    specifier: specifier as string,
    types: type !== undefined || INLINE_TYPES.test(text),
  }));
  const dynamic = [...code.matchAll(DYNAMIC)].map(([, , specifier]) => ({
    specifier: specifier as string,
    types: false,
  }));
  return [...fixed, ...dynamic];
}

/** What one file imports: files of the project by their path from its root, packages by their name. */
export function arrowsOf(file: string, source: string): readonly Arrow[] {
  return importsOf(source).map(({ specifier, types }) => ({
    from: file,
    to: /^[./]/.test(specifier) ? normalize(join(dirname(file), specifier)) : specifier,
    package: !/^[./]/.test(specifier),
    types,
  }));
}

export function isAllowed(arrow: Arrow): boolean {
  const folder = folderOf(arrow.from);
  if (folder === null) return false;
  const { values, types, packages } = ALLOWED[folder] as Allowance;
  if (arrow.package) return packages?.test(arrow.to) ?? true;
  if (folderOf(arrow.to) === folder) return true;
  return (arrow.types ? [...values, ...types] : values).some((target) => within(arrow.to, target));
}

export function readArrows(files: readonly string[]): readonly Arrow[] {
  return files.flatMap((file) => arrowsOf(file, readFileSync(file, 'utf8')));
}

function folderOf(file: string): string | null {
  const folders = Object.keys(ALLOWED).filter((folder) => within(file, folder));
  return folders.sort((a, b) => b.length - a.length)[0] ?? null;
}

function within(file: string, target: string): boolean {
  return file === target || file.startsWith(`${target}/`);
}
