/**
 * Loaded before each test file: property tests take the same examples in each run, so that a change is judged by what it
 * changed. `FC_SEED=7 npm test` takes others.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20261122) });
