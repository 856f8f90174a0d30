import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { run, succeeds } from './run.mjs';

const REDIS = { packages: ['redis-server'], present: () => onPath('redis-server') };
const POSTGRESQL = {
  packages: ['postgresql', 'postgresql-client'],
  present: () => ['psql', 'pg_dump', 'pgbench'].every(onPath) && hasPostgresqlServer(),
};
const PYTHON = {
  packages: ['python3-psycopg', 'python3-psycopg2', 'python3-sqlalchemy'],
  present: () => succeeds('/usr/bin/python3', ['-c', 'import psycopg, psycopg2, sqlalchemy']),
};
const JAVA = {
  packages: ['default-jdk-headless', 'libpostgresql-jdbc-java'],
  present: () => onPath('javac') && existsSync('/usr/share/java/postgresql.jar'),
};
const OPENSSL = { packages: ['openssl'], present: () => onPath('openssl') };
const CHROMIUM = { packages: ['chromium'], present: () => onPath('chromium') };
const POOLERS = {
  packages: ['pgbouncer', 'pgpool2'],
  present: () => onPath('pgbouncer') && onPath('pgpool'),
};

/** What each command needs from the system, by the names of Debian's and Ubuntu's packages. */
const NEEDS = {
  start: [REDIS],
  test: [REDIS, OPENSSL, POSTGRESQL, PYTHON, JAVA, CHROMIUM],
  bench: [REDIS, POSTGRESQL, POOLERS],
  build: [],
};

/** Installs by apt what `purpose` lacks. Rejects with one line that says what to install where that is impossible. */
export async function installSystemPackages(purpose) {
  const needs = NEEDS[purpose];
  if (!needs) throw new Error(`unknown purpose ${purpose}: ${Object.keys(NEEDS).join(', ')}`);
  const missing = needs.filter((need) => !need.present()).flatMap((need) => need.packages);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    throw new Error(
      `please install ${missing.join(', ')}, for example: sudo apt-get install ${missing.join(' ')}`,
    );
  }
  console.log(`setup: installing ${missing.join(', ')} from the system's packages ...`);
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', ...missing]]) {
    await run('apt-get', ['-qq', '-o', 'Dpkg::Use-Pty=0', ...args], {
      quiet: true,
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    });
  }
}

function onPath(command) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(`${folder}/${command}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Debian installs each major version in a folder of its own, outside the PATH. */
function hasPostgresqlServer() {
  const versions = '/usr/lib/postgresql';
  return (
    existsSync(versions) && readdirSync(versions).some((v) => existsSync(`${versions}/${v}/bin/postgres`))
  );
}
