import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface OwnUser {
  readonly uid: number;
  readonly gid: number;
}

/** As whom a server runs that refuses to run as root: `postgres` where it exists, else `nobody`; null: as we do. */
export function unprivilegedUser(): OwnUser | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = [identify('-u', name), identify('-g', name)];
    if (uid !== null && gid !== null) return { uid, gid };
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is neither a user "postgres" nor "nobody" to run it',
  );
}

/** A new directory that only `user` (null: we) and root can enter; in `parent`, or among the temporary files. */
export function privateDirectory(prefix: string, user: OwnUser | null, parent = tmpdir()): string {
  const directory = mkdtempSync(join(parent, prefix));
  if (user !== null) chownSync(directory, user.uid, user.gid);
  return directory;
}

/** A file that only `user` (null: we) and root can read. */
export function writeOwned(file: string, text: string, user: OwnUser | null): void {
  writeFileSync(file, text, { mode: 0o600 });
  if (user !== null) chownSync(file, user.uid, user.gid);
}

function identify(what: '-u' | '-g', name: string): number | null {
  try {
    return Number(
      execFileSync('id', [what, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    );
  } catch {
    return null;
  }
}
