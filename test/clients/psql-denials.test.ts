/** What a person at psql reads when something is refused, and that the session goes on after it. */
import { execFile } from 'node:child_process';
import test from 'ava';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { type Postern, startPostern } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { createDatabase, DATABASE, installedVersion, resetRows, serviceUrl } from './database.ts';

let postgres: OwnPostgres;
let postern: Postern;
let url: string;

test.before(async () => {
  postgres = await startPostgres({ version: installedVersion() });
  await createDatabase(postgres);
  await resetRows(postgres);
  postern = await startPostern({ postgres, databases: { [DATABASE]: serviceUrl(postgres) } });
  const grant = await postern.grant({
    allow: ['select:public.*', 'update:public.notes'],
    limits: { rowsPerStatement: 100, connections: 50 },
  });
  url = grant.url;
});
test.after.always(async () => {
  await postern?.stop();
  await postgres?.stop();
});

function psql(input: string): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile('/bin/sh', ['-c', 'exec psql -XAtq "$0" 2>&1', url], (_error, stdout) =>
      resolve(stdout),
    );
    child.stdin?.end(input);
  });
}

const REFUSED: readonly (readonly [string, RegExp])[] = [
  [
    'delete from orders;',
    /permission denied by grant: delete on public\.orders.*HINT:.*--allow delete:public\.orders/s,
  ],
  ['update customers set balance = 0;', /update on public\.customers/],
  ['truncate orders;', /truncate on public\.orders/],
  ['drop table orders;', /drop on public\.orders/],
  ['create table mine (id int);', /create on public\.mine/],
  ['\\copy orders to /dev/null', /export on public\.orders/],
  ['copy (select 1) to stdout;', /export/],
  ['\\copy orders from /dev/null', /insert on public\.orders/],
  ["copy orders to '/tmp/orders';", /export/],
  ['\\drds', /pg_db_role_setting/],
  ['select rolpassword from pg_authid;', /pg_authid/],
  ['select pg_cancel_backend(1);', /pg_cancel_backend/],
  ['set role postgres;', /role/],
  ['set standard_conforming_strings = off;', /standard_conforming_strings/],
  ['select 1; delete from orders;', /delete on public\.orders/],
  ['with gone as (delete from orders returning *) select * from gone;', /delete on public\.orders/],
  ['explain analyze delete from orders;', /delete on public\.orders/],
  ['do $$ begin delete from orders; end $$;', /DO|execute/],
  ['selec 1;', /syntax error at or near "selec".*LINE 1: selec 1;.*\^/s],
];

for (const [input, expected] of REFUSED)
  test(`refused: ${input.split('\n')[0]}`, async (t) => {
    const printed = await psql(`${input}\nselect 'still ' || 'here';\n`);
    t.regex(printed, expected);
    t.regex(printed, /ERROR: {2}/);
    t.true(printed.endsWith('still here\n'), printed);
  });

test('a result is cut at the budget, with its rows up to there', async (t) => {
  const printed = await psql("select id from readings order by id;\nselect 'still ' || 'here';\n");
  t.regex(printed, /ERROR: {2}.*row/);
  t.true(printed.endsWith('still here\n'));
});

test('the refused statements changed nothing', async (t) => {
  await psql(REFUSED.map(([input]) => `${input}\n`).join(''));
  const [row] = await postgres.query('select count(*)::int, sum(total)::text from orders', DATABASE);
  t.deepEqual(row, { count: 24, sum: '2997.00' });
});
