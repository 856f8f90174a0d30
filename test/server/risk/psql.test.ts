/** Somebody with a stolen token at psql: looks around, pages through the customers, is stopped, and reads why. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'ava';
import pg from 'pg';
import { type Postern, startPostern } from '../../helpers/postern.ts';

const LOOKS = [
  'select current_user, session_user, version()',
  'select rolname, rolsuper from pg_roles',
  'select datname from pg_database',
  'select schemaname, tablename from pg_tables',
  "select table_name, column_name from information_schema.columns where column_name ~ '(mail|phone|birth)'",
];
const PAGES = Array.from(
  { length: 20 },
  (_, page) => `select * from customers order by id limit 1000 offset ${page * 1000}`,
);

let node: Postern;
test.before(async () => {
  node = await startPostern({
    config: { risk: { timeout: '60s', thresholds: { flag: 'auto', end: 'auto' } } },
  });
  const client = new pg.Client(node.postgres.url());
  await client.connect();
  await client.query(readFileSync(new URL('./shop.sql', import.meta.url), 'utf8'));
  await client.end();
});
test.after.always(() => node?.stop());

/** What psql prints, rows apart. */
function psql(url: string, sqls: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(
      '/bin/sh',
      ['-c', 'exec psql -XAtq -o /dev/null "$0" 2>&1', url],
      (_error, stdout) => resolve(stdout),
    );
    child.stdin?.on('error', () => {}); // it is gone before it has read all
    child.stdin?.end(sqls.map((sql) => `${sql};\n`).join(''));
  });
}

test('a sweep of the catalog and paging of customers end the session, psql says why, the trail has score and reasons', async (t) => {
  const grant = await node.grant({ allow: ['select:public.*'] });
  const printed = await psql(grant.url, [...LOOKS, ...PAGES]);
  t.regex(
    printed,
    /FATAL: {2}terminating connection: what this session does is unusual and has a risk of [01]\.\d\d/,
  );
  t.regex(printed, /grant \w+ is revoked/);
  t.regex(printed, /DETAIL: {2}.*pages of one result are fetched one after the other/s);
  t.regex(printed, /HINT: {2}Tell a reviewer of alarm/);
  const end = await node.event('risk.flag', { grant: grant.id, action: 'end' });
  t.is(end.cause, 'session');
  t.true((end.sessionScore ?? 0) > 0.5 && end.reasons.length > 0);
  t.regex(printed, new RegExp(`alarm ${end.alarm}`));
  t.is((await node.event('session.end', { grant: grant.id })).reason, 'risk');
  t.is((await node.event('grant.revoke', { grant: grant.id })).by, 'the risk model');
  const events = await node.events();
  const read = events.filter(
    (event) =>
      event.type === 'statement' && event.decision === 'allow' && event.sql.startsWith('select * from cust'),
  );
  t.true(read.length > 0 && read.length <= 5, `${read.length} pages were read`);
  const first = events.find((event) => event.type === 'risk.flag' && event.grant === grant.id);
  t.true(
    first?.type === 'risk.flag' && first.statement <= LOOKS.length + 4,
    'flagged when three pages were read',
  );
  t.regex(await psql(grant.url, ['select 1']), /revoked/);
});

test('ordinary work at psql goes on', async (t) => {
  const grant = await node.grant({ allow: ['select:public.*'] });
  const printed = await psql(grant.url, [
    'select count(*) from orders',
    'select state, count(*) from orders group by state order by 2 desc',
    'select * from orders where customer_id = 17 order by id desc limit 20',
    "select name, email from customers where email = 'mail12@example.com'",
    'select customer_id, sum(total) from orders group by customer_id order by 2 desc limit 10',
    'select c.name, o.total from customers c join orders o on o.customer_id = c.id where o.id = 99',
  ]);
  t.is(printed, '');
  t.is(
    (await node.events()).filter((event) => event.type === 'risk.flag' && event.grant === grant.id).length,
    0,
  );
});
