/**
 * Every client and how its script is run. The scripts of ./scripts take a connection URL and report each step as one
 * JSON line (see steps.ts); what they report on PostgreSQL itself must be what they report through the proxy.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Client {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Steps besides EVERY_STEP, in the order of the script. */
  readonly more: readonly string[];
}

/** What each client does, whatever it is. */
export const EVERY_STEP = [
  'connect',
  'query',
  'prepared',
  'commit',
  'rollback',
  'savepoint',
  'stream',
  'cancel',
  'recover',
  'denial',
  'denial-in-block',
  'introspect',
  'relations',
  'bulk-insert',
  'paginate',
  'upsert',
  'json',
  'arrays',
  'dates',
  'pool',
] as const;

const COPY = ['copy-in', 'copy-out'] as const;

/** psql's describing commands; each is a step of its own. */
export const DESCRIBE = [
  '\\d',
  '\\d customers',
  '\\d+ customers',
  '\\d orders',
  '\\d customer_totals',
  '\\d+ customer_totals',
  '\\d+ events',
  '\\d notes',
  '\\d orders_status',
  '\\d teams_id_seq',
  '\\d+',
  '\\dt',
  '\\dt+',
  '\\dt pg_catalog.pg_am',
  '\\dv',
  '\\dm',
  '\\di',
  '\\di+',
  '\\ds',
  '\\df',
  '\\df+ touch',
  '\\sf touch',
  '\\sv customer_totals',
  '\\dn',
  '\\dn+',
  '\\du',
  '\\dg+',
  '\\l',
  '\\l+ template0',
  '\\dp',
  '\\ddp',
  '\\dT',
  '\\dT+ order_status',
  '\\do ||',
  '\\dx',
  '\\dP',
  '\\dPn+',
  '\\dd',
  '\\dL',
  '\\dc',
  '\\dC int4',
  '\\dD',
  '\\dF',
  '\\dA',
  '\\db',
  '\\dconfig work_mem',
  '\\des',
  '\\det',
  '\\dRp',
  '\\dy',
  '\\encoding',
  '\\conninfo',
] as const;

export const CLIENTS: readonly Client[] = [
  typescript('psql', [
    ...COPY,
    'settings',
    'copy-in-sql',
    'on-error-rollback',
    'watch',
    'variables',
    'tab-completion',
    '\\d missing',
    ...DESCRIBE,
  ]),
  typescript('node-postgres', [...COPY, 'settings']),
  typescript('postgres-js', [...COPY, 'settings']),
  typescript('prisma', []),
  typescript('drizzle', []),
  typescript('typeorm', ['settings']),
  typescript('sequelize', ['settings']),
  typescript('knex', ['copy-out', 'settings']),
  typescript('kysely', []),
  python('psycopg', 'psycopg3.py', [
    ...COPY,
    'settings',
    'prepared-binary',
    'rolled-back',
    'copy-in-abandoned',
    'pipeline',
    'denial-in-pipeline',
  ]),
  python('sqlalchemy', 'sqlalchemy_orm.py', [...COPY, 'settings']),
  {
    name: 'pgjdbc',
    command: 'java',
    args: [
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-cp',
      '/usr/share/java/postgresql.jar',
      script('Pgjdbc.java'),
    ],
    more: [...COPY, 'settings', 'timeout', 'denial-in-batch'],
  },
];

/** ms; the slowest takes a tenth of it. */
const TIMEOUT = 60_000;

export interface StepReport {
  readonly step: string;
  readonly ok: boolean;
  readonly detail: unknown;
}

/** Runs a client's script against a URL. A script that does not end well reports that as a step `end`. */
export async function runClient(
  client: Client,
  url: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<readonly StepReport[]> {
  const options = { env: { ...process.env, TZ: 'UTC', ...settings }, timeout: TIMEOUT, maxBuffer: 1 << 24 };
  try {
    const { stdout } = await promisify(execFile)(client.command, [...client.args, url], options);
    return parseReports(stdout);
  } catch (error) {
    const { stdout, stderr, signal } = error as { stdout: string; stderr: string; signal: string | null };
    return [...parseReports(stdout), { step: 'end', ok: false, detail: signal ?? stderr }];
  }
}

function parseReports(stdout: string): readonly StepReport[] {
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as StepReport);
}

function typescript(name: string, more: readonly string[]): Client {
  return { name, command: process.execPath, args: [script(`${name}.ts`)], more };
}

function python(name: string, file: string, more: readonly string[]): Client {
  return { name, command: '/usr/bin/python3', args: ['-B', script(file)], more };
}

function script(file: string): string {
  return join(import.meta.dirname, 'scripts', file);
}
