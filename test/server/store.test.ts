/** The way of the trail from a proxy into the store, and what does not go that way. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import pg from 'pg';
import { holdDenied } from '../../access/holds/review-hold.ts';
import { spoolPublicKey } from '../../audit/checkpoint-files.ts';
import { StoreSource } from '../../audit/store/store-source.ts';
import type { StoreTarget } from '../../audit/store/store-target.ts';
import { verifyTrail } from '../../audit/store/verify-trail.ts';
import { examineStore } from '../../server/doctor/audit-store.ts';
import { ShippedNote } from '../../server/store/shipped-note.ts';
import { spoolLag } from '../../server/store/spool-lag.ts';
import { SECRET, SECRET_PLACES } from '../guardrails/secret-places.ts';
import { type Postern, startPostern } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';

async function until<T>(ask: () => Promise<T | null | undefined | false>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    await sleep(20);
  }
}

const metric = async (postern: Postern, name: string): Promise<number> => {
  const text = await (await fetch(`http://127.0.0.1:${postern.metricsPort}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
};

function textsIn(directory: string): string {
  return readdirSync(directory)
    .map((name) => join(directory, name))
    .map((path) => (statSync(path).isDirectory() ? textsIn(path) : readFileSync(path, 'utf8')))
    .join('\n');
}

/** The values of a statement that binds secrets and is held; it is denied. */
async function shownToReviewers(postern: Postern): Promise<unknown> {
  const grant = await postern.grant({ allow: ['select:*'], outOfScope: 'hold' });
  const client = new pg.Client(grant.url);
  await client.connect();
  const text =
    'WITH given (id, password) AS (VALUES ($1::int, $2::text)) DELETE FROM orders USING given WHERE note = $3';
  const refused = client.query(text, [1, SECRET, `postgresql://u:${SECRET}@h/d`]).catch(() => {});
  const { holds } = postern.issuer;
  const [held] = await until(async () => {
    const { holds: all } = await holds.list();
    return all.length > 0 && all;
  });
  await holds.decide(held!.id, (each) => holdDenied(each, { id: 'bob', groups: [] }, 'no', Date.now()));
  await refused;
  await client.end();
  return held!.statement.parameters;
}

test('a node ships its trail while it is written, with no secret in it, and the rest at its end', async (t) => {
  const postgres = await startPostgres();
  await postgres.query('CREATE TABLE orders (id int, note text)');
  const postern = await startPostern({
    ...{ postgres, store: postgres.url() },
    config: { metrics: { listen: '127.0.0.1:0' }, logLevel: 'silent' },
  });
  const target: StoreTarget = { connection: { connectionString: postgres.url() }, schema: 'postern_audit' };
  const source = new StoreSource(target);
  t.teardown(async () => {
    await source.close();
    await postern.stop();
    await postgres.stop();
  });
  const grant = await postern.grant({ allow: ['select:*', 'admin:*', 'execute:*'] });
  const client = new pg.Client(grant.url);
  client.on('error', () => {});
  await client.connect();
  await client.query('SELECT 42 AS answer');
  const texts = SECRET_PLACES.map(([sql]) => sql).filter((sql, n) => n % 6 === 0 && sql.includes(SECRET));
  t.true(texts.length > 20);
  for (const sql of texts) await client.query(sql).catch(() => {}); // most are refused
  await client.query('SELECT $1::text', [`host=h password=${SECRET} dbname=d`]);
  await client.query('SELECT $1::text', [`postgresql://u:${SECRET}@h/d`]);
  await client.query('SELECT $1::text AS name, $2::text AS password', ['bob', SECRET]);
  t.deepEqual(await shownToReviewers(postern), ['1', '***', 'postgresql://u:***@h/d']);

  const found = await until(async () => {
    const { items } = await source
      .events({ order: 'newest', limit: 100, text: 'answer' })
      .catch(() => ({ items: [] }));
    return items.find((event) => event.type === 'statement');
  });
  t.like(found, { type: 'statement', sql: 'SELECT 42 AS answer', node: 'test' });
  t.true((await until(() => metric(postern, 'postern_audit_store_up'))) === 1);
  t.true((await until(() => metric(postern, 'postern_audit_store_shipped_events'))) > 5);
  await until(async () => (await metric(postern, 'postern_audit_store_lag_events')) === 0);

  await client.end();
  await postern.close();
  const { items } = await source.events({ order: 'newest', limit: 1_000 });
  t.is(items.filter(({ type }) => type === 'node.stop').length, 1);
  t.is(items.length, (await postern.events()).length);
  t.is(items.filter((event) => event.type === 'statement' && event.via !== 'parse').length, texts.length + 4);
  t.deepEqual(
    items.flatMap((event) => (event.type === 'statement' && event.parameters ? [event.parameters] : [])),
    [['bob', '***'], ['postgresql://u:***@h/d'], ['host=h password=*** dbname=d']],
  );
  t.false(JSON.stringify(items).includes(SECRET));
  t.false(textsIn(postern.spool).includes(SECRET));
  t.is((await spoolLag(postern.spool, new ShippedNote(postern.spool).read())).events, 0);
  const key = spoolPublicKey(postern.spool);
  t.true((await verifyTrail({ spool: postern.spool, store: target, keys: [key ?? ''] })).ok);
  t.deepEqual(
    (
      await examineStore({
        host: '127.0.0.1',
        port: postgres.port,
        user: 'postgres',
        password: postgres.password,
        database: 'postgres',
        tls: { mode: 'disable' },
        schema: 'postern_audit',
      })
    ).map(({ level }) => level),
    ['ok'],
  );
});
