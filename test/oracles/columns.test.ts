/**
 * Column scope against PostgreSQL's own column privileges, on the oldest and the newest version, by random statements:
 * what the server refuses for lack of a privilege, the guardrails refuse, and hardly more. `ORACLE_RUNS=100000` makes it a long run,
 * `ORACLE_SEED` another one.
 */
import test, { type ExecutionContext } from 'ava';
import pg from 'pg';
import type { Catalog } from '../../guardrails/catalog.ts';
import { loadCatalog } from '../../server/catalog-loader.ts';
import { COLUMN_GRANTS, type ColumnGrant, grantsOf, PARTLY_GRANTED } from '../guardrails/column-grants.ts';
import { verdictOn } from '../guardrails/deciding.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { ColumnWriter } from './column-writer.ts';

const LONG = process.env.ORACLE_RUNS !== undefined;
const RUNS = Number(process.env.ORACLE_RUNS ?? 700);
const SEED = Number(process.env.ORACLE_SEED ?? 1);
const A_DAY = 24 * 3_600_000;

const SCHEMA = `
  create table orders (id int primary key, note text, total text);
  ${PARTLY_GRANTED}
  create materialized view folk as table people;
  create type two as (a int, b text);
  create table pairs (id int, pair two, hidden text);
  create table logged (id int primary key, note text, secret text);
  create rule noting as on insert to logged do also insert into orders (note) values (new.note);
`;

const GRANTS: readonly ColumnGrant[] = [
  ...COLUMN_GRANTS,
  ['update', 'events', '(at)'],
  ['update', 'people', '(full_name)'],
  ['select', 'folk', '(id)'],
  ['select', 'pairs', '(id, pair)'],
  ['insert', 'pairs', '(id)'],
  ['select', 'logged', '(id)'],
  ['insert', 'logged', '(id, note)'],
];

const SCOPE = GRANTS.flatMap(([action, relation, columns]) => [
  `${action}:public.${relation}${columns}`,
  `export:public.${relation}`,
]);

/**
 * Where the guardrails are narrower: they do not count through the columns of an alias or of a natural join, do not look
 * for a column in `name(entry)`, and take what a rule does with NEW for a read. Beside that the server asks no privileges
 * for parts of a query that it need not plan, having proved that there are no rows.
 */
const NARROWER = /\bt\d+\(a\)|natural join|\b[a-z_]+\(t\d+\)|insert into logged/;

interface Server {
  readonly client: pg.Client;
  readonly catalog: Catalog;
  stop(): Promise<void>;
}

async function startServer(version: number | 'embedded'): Promise<Server> {
  const postgres = await startPostgres({ version });
  await postgres.query(SCHEMA + grantsOf(GRANTS));
  const client = new pg.Client({ connectionString: postgres.url() });
  await client.connect();
  const catalog = await loadCatalog(client, 1);
  await client.query('set role partly');
  const stop = async () => {
    await client.end();
    await postgres.stop();
  };
  return { client, catalog, stop };
}

/** Planning checks the privileges of what it would run. */
async function serverSays({ client }: Server, sql: string): Promise<'allow' | 'deny' | 'error'> {
  try {
    await client.query(sql.startsWith('copy') ? sql : `explain ${sql}`);
    return 'allow';
  } catch (error) {
    return (error as pg.DatabaseError).code === '42501' ? 'deny' : 'error';
  }
}

/** The same numbers for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

async function compare(t: ExecutionContext, version: number | 'embedded'): Promise<void> {
  if (LONG) t.timeout(A_DAY);
  const server = await startServer(version);
  t.teardown(() => server.stop());
  const counts = { allow: 0, deny: 0, error: 0, narrower: 0 };
  const random = randomFrom(SEED);
  for (let run = 0; run < RUNS; run++) {
    const sql = new ColumnWriter(random).text();
    const said = await serverSays(server, sql);
    counts[said]++;
    const { effect } = verdictOn(sql, SCOPE, server);
    if (said === 'deny') t.is(effect, 'deny', sql);
    if (said === 'allow' && effect === 'deny' && !NARROWER.test(sql)) counts.narrower++;
  }
  t.log(JSON.stringify(counts));
  t.true(counts.allow > RUNS / 20 && counts.deny > RUNS / 5);
  t.true(counts.narrower < counts.allow / 20);
}

test.serial('on the newest PostgreSQL', compare, 'embedded');
test.serial('on the oldest', compare, 13);
