/**
 * Every statement of PostgreSQL's own regression files, classified and run: none may crash the guardrails or hold a node
 * that they do not know, and none that only reads, by their word, may have changed anything.
 *
 *   node test/regress/classify.ts [--only a,b,c]     needs what `npm run regress` needs
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import type { Catalog } from '../../guardrails/catalog.ts';
import { extract } from '../../guardrails/extract.ts';
import { loadCatalog } from '../../server/catalog-loader.ts';
import { newestInstalled } from '../../server/embedded/postgres-binaries.ts';
import { verdictOn } from '../guardrails/deciding.ts';
import { schedule } from './run-files.ts';
import { connectionTo, freshServer } from './server.ts';
import { freshBuild, prepareSuite, removeSuite, type Suite } from './suite.ts';

const { values } = parseArgs({ options: { only: { type: 'string' } } });
/** They take a transaction ID without changing anything that is not temporary; `my_locks` is a view that does. */
const TAKES_ID = /\b(txid_current|pg_current_xact_id|my_locks)\b|^\s*discard temp/i;
const CHANGED = 'select pg_current_xact_id_if_assigned() is not null as changed';
/** Nodes of which extract says that it does not know them. */
const UNKNOWN = /do not know|is not expected|unknown (kind|form)|gave a (node|statement) without/;

async function classifyAll(of: Suite): Promise<boolean> {
  const { source, major, build, library } = of;
  freshBuild(of);
  const server = await freshServer(major);
  const sums = { texts: 0, ran: 0, reading: 0 };
  const faults: string[] = [];
  try {
    for (const name of schedule(source).filter(chosen)) {
      const client = new pg.Client(connectionTo(server));
      client.on('error', () => {});
      await client.connect();
      await client.query("set statement_timeout = '20s'");
      const variables = { abs_srcdir: source, abs_builddir: build, libdir: library, dlsuffix: '.so' };
      const text = readFileSync(join(source, 'sql', `${name}.sql`), 'utf8');
      for (const sql of statementsOf(text, variables)) {
        const unknown = unknownIn(sql);
        if (unknown === null) continue;
        sums.texts++;
        for (const what of unknown) faults.push(`${name}: ${what}: ${sql}`);
        const changed = await run(client, sql);
        if (changed === null) continue;
        sums.ran++;
        if (TAKES_ID.test(sql) || !reads(sql)) continue;
        sums.reading++;
        if (changed && reads(sql, await loadCatalog(client, 1))) faults.push(`${name}: changed by: ${sql}`);
      }
      await client.end().catch(() => {});
      console.log(`${name}: ${JSON.stringify(sums)}, ${faults.length} faults`);
    }
  } finally {
    await server.stop();
  }
  for (const fault of faults) console.log(fault);
  return faults.length === 0;
}

const chosen = (name: string): boolean =>
  values.only === undefined || name === 'test_setup' || values.only.split(',').includes(name);

const UNFINISHED = /unterminated|end of input/;

/** What can be told from each other by a semicolon at the end of a line; psql's own commands and COPY's data left out. */
function statementsOf(text: string, variables: Readonly<Record<string, string>>): readonly string[] {
  const lines = text.split('\n').filter((line) => !line.startsWith('\\'));
  const statements: string[] = [];
  let current: string[] = [];
  for (const line of lines) {
    current.push(line.replace(/:'(\w+)'/g, (_, name: string) => `'${variables[name] ?? ''}'`));
    if (!/;\s*(--.*)?$/.test(line)) continue;
    const sql = current.join('\n');
    const { error } = extract(sql);
    if (error !== null && UNFINISHED.test(error.message)) continue;
    if (error === null) statements.push(sql);
    current = [];
  }
  return statements;
}

/** Nodes that are not classified; null if the text does not parse. */
function unknownIn(sql: string): readonly string[] | null {
  const { error, statements } = extract(sql);
  if (error !== null || statements.length === 0) return null;
  return statements
    .flatMap(({ needs }) => needs)
    .flatMap((need) => (need.kind === 'refused' && UNKNOWN.test(need.why) ? [need.what] : []));
}

const reads = (sql: string, catalog?: Catalog): boolean =>
  verdictOn(sql, ['select:*'], catalog && { catalog }).effect === 'allow';

/** Whether it changed anything; null if it failed. Transactions of its own are let be. */
async function run(client: pg.Client, sql: string): Promise<boolean | null> {
  if (
    /^\s*(copy\b.*\bstd(in|out)|begin|start|commit|end|rollback|abort|savepoint|release|prepare transaction)\b/im.test(
      sql,
    )
  )
    return null;
  try {
    await client.query('begin');
    await client.query(sql);
    const { rows } = await client.query<{ changed: boolean }>(CHANGED);
    await client.query('commit');
    return rows[0]?.changed ?? null;
  } catch {
    await client.query('rollback').catch(() => {});
    return null;
  }
}

const suite = await prepareSuite(newestInstalled(), resolve(import.meta.dirname, '../../var/regress'));
try {
  process.exitCode = (await classifyAll(suite)) ? 0 : 1;
} finally {
  removeSuite(suite);
}
