/** The data directory of a new server: as initdb makes it, or a copy of one that it has made before. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type OwnUser, privateDirectory, writeOwned } from './own-user.ts';
import { type PostgresVersion, postgresBinaries } from './postgres-binaries.ts';

export interface PostgresCluster {
  /** Directory of the server's programs. */
  readonly bin: string;
  /** Of the superuser `postgres`. */
  readonly password: string;
}

const execute = promisify(execFile);

/** A cluster in `data` of that directory. Throws with initdb's message if it fails. */
export async function makeCluster(
  version: PostgresVersion,
  user: OwnUser | null,
  directory: string,
): Promise<PostgresCluster> {
  const bin = postgresBinaries(version, user, directory);
  const password = randomBytes(12).toString('hex');
  const passwordFile = join(directory, 'password');
  writeOwned(passwordFile, `${password}\n`, user);
  const args = ['-D', join(directory, 'data'), '-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8'];
  const flags = ['--no-sync', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  await execute(join(bin, 'initdb'), [...args, ...flags], {
    cwd: directory,
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    ...user,
  });
  rmSync(passwordFile);
  return { bin, password };
}

/** The same, as a copy of the one in `kept`, which is made if there is none yet of that version. */
export async function copyCluster(
  version: PostgresVersion,
  user: OwnUser | null,
  directory: string,
  kept: string,
): Promise<PostgresCluster> {
  const home = join(kept, `${version}`);
  if (!existsSync(home)) await keepCluster(version, user, home);
  await execute('cp', ['-a', join(home, 'data'), directory], { cwd: directory, ...user });
  const bin = postgresBinaries(version, user, home);
  return { bin, password: readFileSync(join(home, 'password'), 'utf8') };
}

/** It appears as a whole, and once: of several processes that make one at the same time, the first one's stays. */
async function keepCluster(version: PostgresVersion, user: OwnUser | null, home: string): Promise<void> {
  const ours = privateDirectory(`${version}-`, user, join(home, '..'));
  const { password } = await makeCluster(version, user, ours);
  writeOwned(join(ours, 'password'), password, user);
  try {
    renameSync(ours, home);
  } catch (error) {
    rmSync(ours, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
}
