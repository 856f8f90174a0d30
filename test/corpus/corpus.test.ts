/**
 * The published corpus, case by case: what an attack does to PostgreSQL, that the proxy refuses it, and that what looks
 * like it but is granted works.
 */
import test from 'ava';
import { CorpusBench } from './corpus-bench.ts';
import { corpusClasses, runClasses } from './corpus-runner.ts';

/** Classes side by side. */
const LANES = 3;

const classes = [...corpusClasses('attacks'), ...corpusClasses('benign')];
const benches = await CorpusBench.startSome(LANES);
const results = runClasses(benches, classes);
test.after.always(() => Promise.all(benches.map((bench) => bench.stop())));

for (const [index, { kind, name }] of classes.entries()) {
  test(`${kind}: ${name}`, async (t) => {
    for (const { id, faults } of await results[index]!) t.deepEqual(faults, [], id);
  });
}
