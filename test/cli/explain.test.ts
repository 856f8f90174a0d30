/** `postern explain`, run as people run it: by a grant in a file, with a database and without. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'ava';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { startPostgres } from '../helpers/postgres.ts';

const directory = mkdtempSync(join(tmpdir(), 'postern-explain-'));
const grant = join(directory, 'grant.json');
const config = join(directory, 'postern.yaml');

let postgres: OwnPostgres;
test.before(async () => {
  postgres = await startPostgres();
  await postgres.query(
    'create schema app; create table app.secrets (id int); create table public.orders (id int)',
  );
  await postgres.query('create view public.peek as select * from app.secrets');
  writeFileSync(
    grant,
    JSON.stringify({ database: 'shop', scope: [{ actions: ['select'], on: ['public.*'] }] }),
  );
  const databases = { shop: { url: postgres.url() } };
  writeFileSync(
    config,
    JSON.stringify({ redis: 'redis://127.0.0.1:1/0', signingKey: 'k'.repeat(64), databases }),
  );
});
test.after.always(async () => {
  await postgres?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function explain(sql: string, ...options: readonly string[]) {
  const child = spawn('bin/postern', ['explain', '--grant', grant, '--sql', '-', ...options]);
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.stdin.end(sql);
  const [status, stdout, stderr] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  return { status, stdout, stderr };
}

test('what is allowed exits with 0', async (t) => {
  const { status, stdout } = await explain('select * from orders');
  t.is(status, 0);
  t.regex(stdout, /^ALLOW {2}SELECT$/m);
  t.regex(stdout, /^select +public\.orders +yes/m);
  t.regex(stdout, /No database was asked/);
});

test('what is denied exits with 3, and says what it would take', async (t) => {
  const { status, stdout } = await explain('delete from orders');
  t.is(status, 3);
  t.regex(stdout, /^delete +public\.orders +no/m);
  t.regex(stdout, /it would take: --allow delete:public\.orders$/m);
});

test('a program reads the same as JSON', async (t) => {
  const { status, stdout } = await explain('delete from orders; set role bob', '--json');
  const { decision, statements, error, wouldAllow, lookedUp } = JSON.parse(stdout);
  t.is(status, 3);
  t.is(decision, 'deny');
  t.deepEqual(statements, ['DELETE', 'SET']);
  t.is(error.message, 'refused under any grant: setting role');
  t.deepEqual(wouldAllow, ['--allow delete:public.orders']);
  t.false(lookedUp);
});

test('with a configuration, names are looked up in the database', async (t) => {
  t.is((await explain('select * from peek')).status, 0);
  const { status, stdout } = await explain('select * from peek', '--config', config);
  t.is(status, 3, stdout);
  t.regex(stdout, /^select +app\.secrets +no/m);
  t.notRegex(stdout, /No database was asked/);
  const { stdout: fields } = await explain('select id from orders', '--config', config, '--json');
  t.true(JSON.parse(fields).lookedUp);
});

test('what does not parse is denied with the place', async (t) => {
  const { status, stdout } = await explain('select from from', '--json');
  t.is(status, 3);
  t.like(JSON.parse(stdout).error, { sqlstate: '42601', position: 13 });
});

test('a file that is no grant is a usage error', async (t) => {
  const wrong = join(directory, 'wrong.json');
  for (const content of ['{', '{}', '{"scope": [{"actions": ["fly"], "on": ["x"]}]}']) {
    writeFileSync(wrong, content);
    const { status, stderr } = await explain('select 1', '--grant', wrong);
    t.is(status, 2, content);
    t.regex(stderr, /is not a grant/);
  }
});
