/**
 * Random statements on a real database: whatever PostgreSQL itself says that they read, wrote, altered and called has to
 * be among the effects that a decision rests on, and nothing else may get in their way. `ORACLE_RUNS=100000` makes it a
 * long run, with sqlsmith's statements too where that is installed; `ORACLE_SEED` another one.
 */
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { type OracleDatabase, startOracleDatabase } from './database.ts';
import { overlooked, refusedWithoutNeed } from './overlooked.ts';
import { Recorder } from './recorder.ts';
import { hasSqlsmith, sqlsmith } from './sqlsmith.ts';
import { StatementWriter } from './statement-writer.ts';
import { DEFINITIONS } from './vocabulary.ts';

const LONG = process.env.ORACLE_RUNS !== undefined;
const RUNS = Number(process.env.ORACLE_RUNS ?? 400);
const SEED = Number(process.env.ORACLE_SEED ?? 1);
const A_DAY = 24 * 3_600_000;

let database: OracleDatabase;
let recorder: Recorder;

test.before(async () => {
  database = await startOracleDatabase();
  recorder = await Recorder.open(database.url);
});

test.after.always(async () => {
  await recorder?.close();
  await database?.stop();
});

/** Runs it, and holds what it did against what is decided on; the relations it touched, or null if it failed. */
async function check(t: ExecutionContext, sql: string, bothWays = true): Promise<readonly string[] | null> {
  const recorded = await recorder.run(sql);
  if (recorded instanceof Error) return null;
  t.deepEqual(overlooked(sql, recorded, database.catalog), [], sql);
  if (bothWays) t.deepEqual(refusedWithoutNeed(sql, recorded, database.catalog), [], sql);
  return recorded.relations.map(({ name }) => name);
}

test.serial('what definitions reach is among the effects that are decided on', async (t) => {
  const ran = [];
  for (const sql of DEFINITIONS) if ((await check(t, sql)) !== null) ran.push(sql);
  t.true(ran.length > 35, `${ran.length} ran`);
});

test.serial('what random statements do is among the effects that are decided on', async (t) => {
  if (LONG) t.timeout(A_DAY);
  const touched = new Set<string>();
  let ran = 0;
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (draw) => {
      const names = await check(t, new StatementWriter(draw).text());
      if (names !== null) ran++;
      for (const name of names ?? []) touched.add(name);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  t.log(`${ran} of ${RUNS} ran, ${touched.size} of ${recorder.relations.length} relations were touched`);
  t.true(ran > RUNS * 0.7);
  t.true(touched.size > 25);
});

if (LONG && hasSqlsmith)
  test.serial("what sqlsmith's statements do is among the effects that are decided on", async (t) => {
    t.timeout(A_DAY);
    let ran = 0;
    for await (const sql of sqlsmith(database.url, RUNS, SEED))
      if ((await check(t, sql, false)) !== null) ran++;
    t.log(`${ran} of ${RUNS} ran`);
    t.true(ran > 0);
  });
