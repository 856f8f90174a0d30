/**
 * One build of the console (scripts/build-console.mjs), as it was when the server started: a page, and what that loads.
 * INVARIANT: another build under a running server changes nothing of what it serves, so that a page finds its parts.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

export interface Asset {
  readonly type: string;
  /** By the name of their encoding (RFC 9110, section 8.4.1), the shortest first. */
  readonly encoded: readonly (readonly [encoding: 'br' | 'gzip', content: Buffer])[];
  readonly content: Buffer;
}

export interface ConsoleBuild {
  readonly page: string;
  /** By name. */
  readonly assets: ReadonlyMap<string, Asset>;
  /** Tells it from others. */
  readonly version: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'application/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;
const LENGTH_OF_VERSION = 16;

/** null: there is none in that directory. */
export function readBuild(directory: string): ConsoleBuild | null {
  const [index, sources] = [join(directory, 'index.html'), join(directory, 'sources')];
  if (!existsSync(index) || !existsSync(sources)) return null;
  const names = readdirSync(join(directory, 'assets')).filter((name) => extname(name) in TYPES);
  return {
    page: readFileSync(index, 'utf8'),
    assets: new Map(names.map((name) => [name, readAsset(join(directory, 'assets', name))])),
    version: readFileSync(sources, 'utf8').slice(0, LENGTH_OF_VERSION),
  };
}

function readAsset(file: string): Asset {
  return {
    type: TYPES[extname(file)]!,
    encoded: ENCODINGS.flatMap(([encoding, ending]) =>
      existsSync(`${file}${ending}`) ? [[encoding, readFileSync(`${file}${ending}`)] as const] : [],
    ),
    content: readFileSync(file),
  };
}
