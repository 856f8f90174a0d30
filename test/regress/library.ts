import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Libraries of contrib/spi that triggers.sql loads from the same directory. */
const COMPANIONS = ['autoinc.so', 'refint.so'];

/**
 * A directory with regress.so, the C functions of the tests, and what goes with it. The server's headers are taken
 * from the installed development package, or from the package unpacked in `cache`.
 * @throws the compiler's message
 */
export function regressLibrary(major: number, source: string, cache: string): string {
  const directory = join(cache, `lib-${major}`);
  if (existsSync(join(directory, 'regress.so'))) return directory;
  mkdirSync(directory, { recursive: true });
  for (const name of COMPANIONS)
    copyFileSync(join('/usr/lib/postgresql', `${major}`, 'lib', name), join(directory, name));
  const include = serverHeaders(major, cache);
  const flags = ['-shared', '-fPIC', '-O1', '-w', `-I${include}`, `-I${source}`];
  execFileSync('gcc', [...flags, join(source, 'regress.c'), '-o', join(directory, 'regress.so')]);
  return directory;
}

function serverHeaders(major: number, cache: string): string {
  const installed = `/usr/include/postgresql/${major}/server`;
  if (existsSync(installed)) return installed;
  const unpacked = join(cache, `dev-${major}`);
  if (!existsSync(join(unpacked, installed))) {
    mkdirSync(unpacked, { recursive: true });
    // Of exactly the server's version: a minor release may add functions that its headers then refer to.
    const version = execFileSync('dpkg-query', ['-W', `-f=\${Version}`, `postgresql-${major}`], {
      encoding: 'utf8',
    });
    const wanted = `postgresql-server-dev-${major}=${version}`;
    execFileSync('apt-get', ['download', wanted], { cwd: unpacked, stdio: 'ignore' });
    const deb = readdirSync(unpacked).find((name) => name.endsWith('.deb')) ?? '';
    execFileSync('dpkg-deb', ['-x', join(unpacked, deb), unpacked]);
  }
  return join(unpacked, installed);
}
