/** docs/clients.md tells of the clients that are tested, and of no others. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { CLIENTS } from './client-table.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Where a client's npm package has another name. */
const PACKAGES: Readonly<Record<string, string>> = {
  'node-postgres': 'pg',
  'postgres-js': 'postgres',
  drizzle: 'drizzle-orm',
};

const rows = [...readFileSync(join(ROOT, 'docs/clients.md'), 'utf8').matchAll(/^\| (.+?) \| (\d[\d.]*)/gm)];
const documented = new Map(rows.map(([, name, version]) => [name!, version!]));

test('the table has a row for each client', (t) => {
  t.deepEqual(
    [...documented.keys()].toSorted(),
    [...CLIENTS.map(({ name }) => name), 'pg_dump, pg_restore'].toSorted(),
  );
});

test('versions are those that npm has installed', (t) => {
  const fromNpm = CLIENTS.filter(({ name, args }) => args[0]?.endsWith('.ts') && name !== 'psql');
  t.true(fromNpm.length > 5);
  for (const { name } of fromNpm) {
    const file = join(ROOT, 'node_modules', PACKAGES[name] ?? name, 'package.json');
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
    t.true(`${version}.`.startsWith(`${documented.get(name)}.`), `${name} ${version}`);
  }
});
