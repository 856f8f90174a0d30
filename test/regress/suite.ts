import { execFileSync } from 'node:child_process';
import { chownSync, cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { privateDirectory, unprivilegedUser } from '../../server/embedded/own-user.ts';
import { regressLibrary } from './library.ts';
import { regressionSource } from './source.ts';

/** The tests where the server can read them: it may run as another user than the checkout's. */
export interface Suite {
  readonly major: number;
  readonly directory: string;
  /** PostgreSQL's src/test/regress. */
  readonly source: string;
  /** Where regress.so is. */
  readonly library: string;
  /** Server-side COPY writes below it: the same path for all runs, since error messages name it. */
  readonly build: string;
  readonly psql: string;
}

export async function prepareSuite(major: number, cache: string): Promise<Suite> {
  const psql = join('/usr/lib/postgresql', `${major}`, 'bin/psql');
  const version =
    /(\d+\.\d+)/.exec(execFileSync(psql, ['--version'], { encoding: 'utf8' }))?.[1] ?? `${major}`;
  const source = await regressionSource(version, cache);
  const library = regressLibrary(major, source, cache);
  const directory = privateDirectory('postern-regress-', unprivilegedUser());
  const suite = {
    major,
    directory,
    source: join(directory, 'source'),
    library: join(directory, 'lib'),
    build: join(directory, 'build'),
    psql,
  };
  cpSync(source, suite.source, { recursive: true });
  cpSync(library, suite.library, { recursive: true });
  return suite;
}

/** An empty build directory that the server may write to. */
export function freshBuild(suite: Suite): void {
  const user = unprivilegedUser();
  rmSync(suite.build, { recursive: true, force: true });
  for (const name of ['.', 'results', 'testtablespace']) {
    const directory = join(suite.build, name);
    mkdirSync(directory, { recursive: true });
    if (user !== null) chownSync(directory, user.uid, user.gid);
  }
}

export const removeSuite = (suite: Suite): void => rmSync(suite.directory, { recursive: true, force: true });
