import test from 'ava';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { CLIENTS, EVERY_STEP, runClient } from './client-table.ts';
import { createDatabase, directUrl, resetRows, SETTINGS } from './database.ts';

let postgres: OwnPostgres;

test.before(async () => {
  postgres = await startPostgres({ version: 15, settings: SETTINGS });
  await createDatabase(postgres);
});
test.after.always(() => postgres?.stop());

for (const client of CLIENTS)
  test.serial(client.name, async (t) => {
    await resetRows(postgres);
    const direct = await runClient(client, directUrl(postgres));
    t.deepEqual(
      direct.filter((report) => !report.ok),
      [],
    );
    t.deepEqual(direct.map((report) => report.step).toSorted(), [...EVERY_STEP, ...client.more].toSorted());
  });
