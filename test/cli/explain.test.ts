/** `postern explain` by a grant in a file, with a database and without. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Command } from 'commander';
import { addGrantOptions, termsOf } from '../../cli/grant-options.ts';
import type { Reason } from '../../guardrails/types.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { runHere } from './run-here.ts';
import { runPostern } from './run-postern.ts';

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
  await postgres.query(`
    create table public.baskets (id int primary key);
    create table public.items (basket int references public.baskets on delete cascade);
    create table app.trail (what text);
    create function app.note() returns trigger language plpgsql as 'begin execute TG_ARGV[0]; return old; end';
    create trigger note after delete on public.items for each row execute function app.note('select 1');
  `);
  writeFileSync(
    grant,
    JSON.stringify({ database: 'shop', scope: [{ actions: ['select'], on: ['public.*'] }] }),
  );
  const databases = { shop: { url: postgres.url() }, watched: { url: postgres.url(), mode: 'observe' } };
  const messages = [{ on: ['app.*'], message: "Secrets are nobody's business.", hint: 'Ann can help.' }];
  writeFileSync(
    config,
    JSON.stringify({ redis: 'redis://127.0.0.1:1/0', signingKey: 'k'.repeat(64), databases, messages }),
  );
});
test.after.always(async () => {
  await postgres?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const explain = (sql: string, ...options: readonly string[]) =>
  runHere(['explain', '--grant', grant, '--sql', '-', ...options], {}, sql);

const NARROW = [{ actions: ['select'], on: ['public.nothing'] }];

/** Split as a shell does, where nothing is quoted but in single quotes. */
const words = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);

test('what is allowed exits with 0', async (t) => {
  const args = ['explain', '--grant', grant, '--sql', '-'];
  const { status, stdout } = await runPostern(args, {}, 'select * from orders');
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
  t.deepEqual(wouldAllow, [], 'no grant allows the second');
  t.false(lookedUp);
});

test('with a configuration, names are looked up in the database', async (t) => {
  t.is((await explain('select * from peek')).status, 0);
  const args = ['explain', '--grant', grant, '--sql', 'select * from peek', '--config', config];
  const { status, stdout } = await runPostern(args, {});
  t.is(status, 3, stdout);
  t.regex(stdout, /^select +app\.secrets +no/m);
  t.notRegex(stdout, /No database was asked/);
  const { stdout: fields } = await explain('select id from orders', '--config', config, '--json');
  t.true(JSON.parse(fields).lookedUp);
});

test('what is behind a statement is told with the way that leads there, and the grant that it takes', async (t) => {
  const { status, stdout } = await explain('delete from baskets where id = 1', '--config', config, '--json');
  const { reasons, wouldAllow, error } = JSON.parse(stdout);
  t.is(status, 3);
  const ways = new Map(
    reasons.map(({ action, resource, path, allowed }: Reason) => [
      `${action} ${resource}`,
      { path, allowed },
    ]),
  );
  t.deepEqual(ways.get('delete public.baskets'), { path: undefined, allowed: false });
  t.deepEqual(ways.get('select public.baskets'), { path: undefined, allowed: true });
  t.deepEqual(ways.get('delete public.items'), { path: ['public.baskets'], allowed: false });
  t.deepEqual(ways.get('execute app.note()'), { path: ['public.baskets', 'public.items'], allowed: false });
  t.regex(error.detail, /\(public\.baskets -> public\.items -> app\.note\(\)\)/);
  t.true(error.hint.endsWith(`ask for ${wouldAllow.join(' ')}`), error.hint);
  const { stdout: text } = await explain('delete from baskets', '--config', config);
  t.regex(text, /\[public\.baskets -> public\.items -> app\.note\(\)\]/);

  const pasted = `bin/postern grant create --to ann --db shop --allow 'select:public.*' ${wouldAllow.join(' ')}`;
  const program = new Command().exitOverride();
  const terms = termsOf(addGrantOptions(program).parse(words(pasted).slice(3), { from: 'user' }).opts());
  const wider = join(directory, 'wider.json');
  writeFileSync(wider, JSON.stringify({ database: 'shop', scope: terms.scope }));
  t.is((await explain('delete from baskets', '--config', config, '--grant', wider)).status, 0);
});

test("the operator's words come with it", async (t) => {
  const { stdout } = await explain('select * from app.secrets', '--config', config, '--json');
  t.regex(
    JSON.parse(stdout).error.detail,
    /^Secrets are nobody's business\.\nselect on app\.secrets is missing/,
  );
  t.regex(JSON.parse(stdout).error.hint, /^Ann can help\.\nask for --allow select:app\.secrets$/);
});

test('where the database is observed, it says so', async (t) => {
  const watched = join(directory, 'watched.json');
  writeFileSync(watched, JSON.stringify({ database: 'watched', scope: NARROW }));
  const { status, stdout } = await explain('delete from orders', '--config', config, '--grant', watched);
  t.is(status, 0);
  t.regex(stdout, /^ALLOW {2}DELETE \(observed: it passes, and is recorded\)$/m);
  t.regex(stdout, /^it would take: --allow delete:public\.orders$/m);
  const { status: refused } = await explain('set role bob', '--config', config, '--grant', watched);
  t.is(refused, 3, 'what no grant allows is refused there too');
});

test('a grant that holds says what it takes', async (t) => {
  const holding = join(directory, 'holding.json');
  writeFileSync(holding, JSON.stringify({ database: 'shop', scope: NARROW, outOfScope: 'hold' }));
  const { status, stdout } = await explain('delete from orders', '--grant', holding);
  t.is(status, 3);
  t.regex(stdout, /^HOLD {2}DELETE$/m);
  t.regex(stdout, /^it would take: --allow delete:public\.orders$/m);
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
