import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const SUITES = ['debian bookworm main', 'debian-security bookworm-security main'];

interface Archive {
  readonly uri: string;
  readonly name: string;
  readonly sha256: string;
}

/**
 * `src/test/regress` of PostgreSQL's source, of that very version if it can be had from Debian, else of the newest of the
 * same major that can. Kept in `cache`. Only the upstream archive is fetched: the packaging is of no use here.
 */
export async function regressionSource(version: string, cache: string): Promise<string> {
  const directory = join(cache, `regress-${version}`);
  if (existsSync(directory)) return directory;
  mkdirSync(cache, { recursive: true });
  const { archive, name, sha256 } = await download(findArchives(version, cache), cache);
  const found = createHash('sha256').update(readFileSync(archive)).digest('hex');
  if (found !== sha256) throw new Error(`${name} is not what its index says: SHA-256 ${found}`);
  const draft = `${directory}.part`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft);
  const inside = ['--strip-components=4', '--wildcards', '*/src/test/regress'];
  execFileSync('tar', ['-xjf', archive, '-C', draft, ...inside]);
  renameSync(draft, directory);
  rmSync(archive);
  return directory;
}

/** The first that is there: a mirror may not have yet, or no longer, what its index names. */
async function download(
  archives: readonly Archive[],
  cache: string,
): Promise<Archive & { readonly archive: string }> {
  const refused: string[] = [];
  for (const candidate of archives) {
    const response = await fetch(candidate.uri);
    if (!response.ok) {
      refused.push(`${candidate.uri}: ${response.status} ${response.statusText}`);
      continue;
    }
    const archive = join(cache, candidate.name);
    writeFileSync(archive, Buffer.from(await response.arrayBuffer()));
    return { ...candidate, archive };
  }
  throw new Error(`Debian's source of PostgreSQL cannot be had: ${refused.join('; ')}`);
}

/** Asks apt, with lists of our own so that the system's stay as they are; apt has checked their signature. */
function findArchives(version: string, cache: string): readonly Archive[] {
  const state = join(cache, 'apt');
  mkdirSync(join(state, 'lists', 'partial'), { recursive: true });
  const lines = SUITES.map((suite) => `deb-src [signed-by=${KEYRING}] http://deb.debian.org/${suite}\n`);
  writeFileSync(join(state, 'sources.list'), lines.join(''));
  const options = [
    `Dir::Etc::sourcelist=${join(state, 'sources.list')}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${join(state, 'lists')}`,
    `Dir::Cache=${state}`,
  ].flatMap((option) => ['-o', option]);
  execFileSync('apt-get', [...options, '-q', 'update'], { stdio: 'ignore' });
  const major = version.split('.')[0];
  const packages = execFileSync('apt-cache', [...options, 'showsrc', `postgresql-${major}`], {
    encoding: 'utf8',
  });
  const versions = [...packages.matchAll(/^Version: (.*)$/gm)].map((match) => match[1] ?? '');
  const exact = versions.filter((candidate) => candidate.startsWith(`${version}-`));
  const archives = [...new Set([...exact, ...versions])].flatMap((candidate) => {
    const uris = execFileSync(
      'apt-get',
      [...options, 'source', '--print-uris', `postgresql-${major}=${candidate}`],
      { encoding: 'utf8', cwd: state, stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const match = /^'(\S+)' (\S+\.orig\.tar\.bz2) \d+ SHA256:([0-9a-f]{64})$/m.exec(uris);
    return match === null ? [] : [{ uri: match[1]!, name: match[2]!, sha256: match[3]! }];
  });
  if (archives.length === 0) throw new Error(`Debian has no source of PostgreSQL ${major}`);
  return archives;
}
