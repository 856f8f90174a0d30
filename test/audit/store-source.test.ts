/** What reviewers ask, over PostgreSQL. */
import test from 'ava';
import { Shipper } from '../../audit/store/shipper.ts';
import { StoreSource } from '../../audit/store/store-source.ts';
import type { StoreTarget } from '../../audit/store/store-target.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { trailSourceContract } from './trail-source-contract.ts';

let shipper: Shipper;

trailSourceContract(test, {
  open: async (spool) => {
    const postgres = await startPostgres();
    const target: StoreTarget = { connection: { connectionString: postgres.url() }, schema: 'trail' };
    shipper = new Shipper({ target, spool, span: 'month' });
    shipper.start();
    await shipper.caughtUp();
    return new StoreSource(target);
  },
  caughtUp: () => shipper.caughtUp(),
});

test.after.always(() => shipper?.stop(1_000));
