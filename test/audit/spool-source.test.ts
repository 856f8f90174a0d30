import anyTest, { type TestFn } from 'ava';
import { SpoolSource } from '../../audit/spool-source.ts';
import { trailSourceContract } from './trail-source-contract.ts';

trailSourceContract(anyTest as TestFn, {
  open: async (spool) => new SpoolSource(spool),
  caughtUp: async () => {},
});
