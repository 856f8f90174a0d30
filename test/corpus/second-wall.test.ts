/**
 * A part of the corpus with a database role for each grant: an attack of each class with its twins, and where privileges
 * and scopes are least alike. All of it: `npm run corpus -- --wall`.
 */
import test from 'ava';
import { CorpusBench } from './corpus-bench.ts';
import { corpusClasses, runClasses } from './corpus-runner.ts';

/** Classes side by side. */
const LANES = 3;
/** Where PostgreSQL has no privilege that fits: a table without its children, what only owners and superusers may do. */
const NARROW =
  /^(cascades, inheritance, partitions\/child-tables|excluded-tables\/|.*\/(truncate-restart|db-plus)$)/;
const attacks = corpusClasses('attacks').map(({ cases, ...rest }) => ({
  ...rest,
  cases: cases.filter(({ id }, index) => index === 0 || NARROW.test(`${rest.name}/${id}`)),
}));
const benign = corpusClasses('benign', NARROW);
const classes = [...attacks, ...benign];
const benches = await CorpusBench.startSome(LANES, { wall: true });
const results = runClasses(benches, classes);
test.after.always(() => Promise.all(benches.map((bench) => bench.stop())));

for (const [index, { kind, name }] of classes.entries()) {
  test(`${kind}: ${name}`, async (t) => {
    for (const { id, faults } of await results[index]!) t.deepEqual(faults, [], id);
  });
}
