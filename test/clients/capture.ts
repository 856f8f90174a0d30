/**
 * Writes ./captured: the statements that each client sends when it runs its script on PostgreSQL itself, as the server
 * logs them. To be run by hand after a client was upgraded or a script changed: `node test/clients/capture.ts`.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OwnPostgres } from '../../server/embedded/postgres.ts';
import { CLIENTS, runClient } from './client-table.ts';
import { createDatabase, directUrl, installedVersion, resetRows, SETTINGS, serviceUrl } from './database.ts';

const LOGGING = {
  log_statement: 'all',
  logging_collector: 'on',
  log_destination: 'jsonlog',
  log_filename: 'all',
};

/** What the log says of a statement: by Query, or by Execute of a named or unnamed statement. */
const LOGGED = /^(?:statement|execute [^:]*(?: of [^:]*|\/[^:]*)?): (.*)$/s;

const postgres = await OwnPostgres.start({
  version: installedVersion(),
  settings: { ...SETTINGS, ...LOGGING },
});
const log = join(postgres.directory, 'data/log/all.json');
await createDatabase(postgres);
for (const client of CLIENTS) await capture(client.name, () => runClient(client, directUrl(postgres)));
await capture('pg_dump', () => promisify(execFile)('pg_dump', [serviceUrl(postgres)]), 'service');
await postgres.stop();

async function capture(client: string, run: () => Promise<unknown>, user = 'direct'): Promise<void> {
  await resetRows(postgres);
  const before = statements(user).length;
  await run();
  const distinct = new Set(statements(user).slice(before).map(withoutIdentifiers));
  const lines = [...distinct].map((sql) => `${JSON.stringify({ client, sql })}\n`);
  writeFileSync(join(import.meta.dirname, 'captured', `${client}.jsonl`), lines.join(''));
}

function statements(user: string): readonly string[] {
  const entries = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return entries
    .filter((entry) => entry.user === user)
    .flatMap((entry) => LOGGED.exec(entry.message)?.[1] ?? []);
}

/** Object identifiers and savepoints of random names differ from one run to the other. */
function withoutIdentifiers(sql: string): string {
  return sql
    .replaceAll(/\b(1[6-9]|[2-9]\d)\d{3}\b/g, '16384')
    .replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, '00000000-0000-0000-0000-000000000000');
}
