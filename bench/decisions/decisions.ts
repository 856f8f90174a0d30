/**
 * What a decision costs, by the size of the database and of the grant: cached, not cached, and while the catalog is
 * loaded anew. Prints a table, and writes it as Markdown and JSON.
 *
 *   npm run bench:decisions -- [--relations 10,1000,100000] [--lines 1,100,1000] [--postgres URL] [--out DIR]
 *
 * `--postgres`: databases `decisions_N` are made there, and used again the next time; without it, on a server of our own.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { pino } from 'pino';
import { Catalogs } from '../../server/catalogs.ts';
import { OwnPostgres } from '../../server/embedded/postgres.ts';
import { machineSetting } from '../setting.ts';
import { measureRefresh, type RefreshRow } from './catalog-refresh.ts';
import { type DecisionRow, measureDecisions } from './decision-times.ts';
import { decisionsPage } from './decisions-page.ts';
import { fillDatabase } from './large-database.ts';

const { values } = parseArgs({
  options: {
    relations: { type: 'string', default: '10,1000,100000' },
    lines: { type: 'string', default: '1,100,1000' },
    postgres: { type: 'string' },
    out: { type: 'string', default: join(import.meta.dirname, '../results', 'decisions') },
  },
});

const sizes = values.relations.split(',').map(Number);
const lines = values.lines.split(',').map(Number);
const own = values.postgres === undefined ? await OwnPostgres.start() : null;
const server = new URL(own?.url() ?? values.postgres ?? '');

const decisions: DecisionRow[] = [];
const refreshes: RefreshRow[] = [];
try {
  for (const relations of sizes) {
    const url = await database(relations);
    const catalogs = new Catalogs(new Map([['bench', targetOf(url)]]), pino({ level: 'error' }));
    refreshes.push(await measureRefresh(catalogs, url, relations));
    decisions.push(...(await measureDecisions(catalogs, relations, lines)));
    await catalogs.close();
  }
} finally {
  await own?.stop();
}

const setting = machineSetting();
const page = decisionsPage(setting, decisions, refreshes);
mkdirSync(values.out, { recursive: true });
writeFileSync(join(values.out, 'report.md'), page);
writeFileSync(
  join(values.out, 'results.json'),
  `${JSON.stringify({ setting, decisions, refreshes }, null, 1)}\n`,
);
console.log(page);

/** The database with so many relations; resolves with its connection string. */
async function database(relations: number): Promise<string> {
  const name = `decisions_${relations}`;
  const url = Object.assign(new URL(server), { pathname: name }).href;
  const { rows } = await onDatabase(server.href, (client) =>
    client.query('select from pg_database where datname = $1', [name]),
  );
  if (rows.length === 0) {
    await onDatabase(server.href, (client) => client.query(`create database ${name}`));
    await onDatabase(url, (client) => fillDatabase(client, relations));
  }
  return url;
}

async function onDatabase<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return use(client).finally(() => client.end());
}

function targetOf(url: string) {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port),
    user: username,
    password,
    database: pathname.slice(1),
    tls: { mode: 'disable' },
  } as const;
}
