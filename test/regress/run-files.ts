import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Suite } from './suite.ts';

export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** A file that hangs behind a proxy must not hang the run. Seconds. */
const FILE_LIMIT_S = 300;

/** The files of the schedule in its order, one after another. */
export function schedule(source: string): readonly string[] {
  return readFileSync(join(source, 'parallel_schedule'), 'utf8')
    .split('\n')
    .flatMap((line) => /^test:\s*(.*)$/.exec(line)?.[1]?.trim().split(/\s+/) ?? []);
}

/** Runs one file as pg_regress does; what psql prints, output and errors together, goes to `path`. */
export async function runFile(suite: Suite, to: Connection, name: string, path: string): Promise<void> {
  const [input, output] = [openSync(join(suite.source, 'sql', `${name}.sql`), 'r'), openSync(path, 'w')];
  const args = ['-X', '-a', '-q', '-v', 'HIDE_TABLEAM=on', '-v', 'HIDE_TOAST_COMPRESSION=on'];
  const child = spawn('timeout', [String(FILE_LIMIT_S), suite.psql, ...args], {
    cwd: suite.build,
    stdio: [input, output, output],
    env: environment(suite, to, name),
  });
  closeSync(input);
  closeSync(output);
  await once(child, 'exit');
}

/** pg_regress.c, initialize_environment and psql_start_test. */
function environment(suite: Suite, to: Connection, name: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    LANG: 'C',
    LC_MESSAGES: 'C',
    PGAPPNAME: `pg_regress/${name}`,
    PGTZ: 'America/Los_Angeles',
    PGDATESTYLE: 'Postgres, MDY',
    PGOPTIONS: '-c intervalstyle=postgres_verbose',
    PG_ABS_SRCDIR: suite.source,
    PG_ABS_BUILDDIR: suite.build,
    PG_LIBDIR: suite.library,
    PG_DLSUFFIX: '.so',
    PGHOST: to.host,
    PGPORT: String(to.port),
    PGUSER: to.user,
    PGPASSWORD: to.password,
    PGDATABASE: to.database,
    PGSSLMODE: 'disable',
    PGGSSENCMODE: 'disable',
  };
}
