import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { ACTIONS } from '../../guardrails/types.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { type Postern, startPostern } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { createDatabase, DATABASE, installedVersion, resetRows, SETTINGS, serviceUrl } from './database.ts';

const READ = ['select:*'];
const READ_AND_EXPORT = ['select,export:*'];
/** --create and the archive formats hold the database's own settings, too. */
const SETTINGS_OF_ROLES = 'select:pg_catalog.pg_db_role_setting';
/** Several jobs share one snapshot, which the first hands out. */
const SHARED_SNAPSHOT = 'execute,admin:pg_catalog.pg_export_snapshot';
/** Every action on everything: a restore creates, alters, grants and copies. */
const ALL = [`${ACTIONS.join()}:*`];

let postgres: OwnPostgres;
let postern: Postern;
const directory = mkdtempSync(join(tmpdir(), 'postern-dump-'));

test.before(async () => {
  postgres = await startPostgres({ version: installedVersion(), settings: SETTINGS });
  await createDatabase(postgres);
  await resetRows(postgres);
  await postgres.query('create database restored');
  const databases = { [DATABASE]: serviceUrl(postgres), restored: postgres.url('restored') };
  postern = await startPostern({ postgres, databases });
});
test.after.always(async () => {
  await postern?.stop();
  await postgres?.stop();
  rmSync(directory, { recursive: true });
});

async function run(
  command: string,
  ...args: readonly string[]
): Promise<{ output: string; errors: string; code: number }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, { maxBuffer: 1 << 26 });
    return { output: stdout, errors: stderr, code: 0 };
  } catch (error) {
    const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: number };
    return { output: stdout, errors: stderr, code };
  }
}

/** A dump without the random key that its \\restrict lines bear, each time another. */
async function dump(...args: readonly string[]) {
  const { output, ...rest } = await run('pg_dump', ...args);
  return { output: output.replaceAll(/^\\(un)?restrict .*$/gm, ''), ...rest };
}

test.serial('pg_dump is refused without export, and told why', async (t) => {
  const { url } = await postern.grant({ allow: READ, database: DATABASE });
  const { errors, code } = await run('pg_dump', url);
  t.is(code, 1);
  t.regex(errors, /ERROR: {2}.*export/);
  t.regex(errors, /HINT:/);
});

test.serial('pg_dump --schema-only exports nothing, so reading is enough', async (t) => {
  const { url } = await postern.grant({ allow: READ, database: DATABASE });
  const direct = await dump('--schema-only', serviceUrl(postgres));
  t.deepEqual(await dump('--schema-only', url), { ...direct, errors: '', code: 0 });
});

for (const options of [[], ['--inserts'], ['--clean', '--if-exists'], ['--table=orders']])
  test.serial(`pg_dump ${options.join(' ')}: the same with export as directly`, async (t) => {
    const { url } = await postern.grant({ allow: READ_AND_EXPORT, database: DATABASE });
    const direct = await dump(...options, serviceUrl(postgres));
    t.true(direct.output.includes('orders'));
    t.deepEqual(await dump(...options, url), direct);
  });

test.serial('pg_dump --create reads the settings of roles, which a grant must name', async (t) => {
  const refused = await postern.grant({ allow: READ_AND_EXPORT, database: DATABASE });
  t.regex((await dump('--create', refused.url)).errors, /--allow select:pg_catalog.pg_db_role_setting/);
  const { url } = await postern.grant({
    allow: [...READ_AND_EXPORT, SETTINGS_OF_ROLES],
    database: DATABASE,
  });
  t.deepEqual(await dump('--create', url), await dump('--create', serviceUrl(postgres)));
});

test.serial('a dump is restored by psql and by pg_restore', async (t) => {
  const dumped = await postern.grant({
    allow: [...READ_AND_EXPORT, SETTINGS_OF_ROLES, SHARED_SNAPSHOT],
    database: DATABASE,
  });
  const restored = await postern.grant({ allow: ALL, database: 'restored' });
  const original = (await dump(serviceUrl(postgres))).output;

  const sql = join(directory, 'dump.sql');
  t.is((await run('pg_dump', '--file', sql, dumped.url)).code, 0);
  t.deepEqual(
    await run(
      'psql',
      '--quiet',
      '--no-psqlrc',
      '--set=ON_ERROR_STOP=1',
      '--output=/dev/null',
      '--file',
      sql,
      restored.url,
    ),
    {
      output: '',
      errors: '',
      code: 0,
    },
  );
  t.is((await dump(postgres.url('restored'))).output, original);

  const archive = join(directory, 'archive');
  t.deepEqual(await run('pg_dump', '--format=directory', '--jobs=2', '--file', archive, dumped.url), {
    output: '',
    errors: '',
    code: 0,
  });
  t.deepEqual(await run('pg_restore', '--clean', '--jobs=2', '--dbname', restored.url, archive), {
    output: '',
    errors: '',
    code: 0,
  });
  t.is((await dump(postgres.url('restored'))).output, original);
});
