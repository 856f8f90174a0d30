import test from 'ava';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { type Postern, startPostern } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { CLIENTS, EVERY_STEP, runClient } from './client-table.ts';
import {
  createDatabase,
  DATABASE,
  directUrl,
  EVERYDAY,
  installedVersion,
  resetRows,
  SETTINGS,
  serviceUrl,
} from './database.ts';

let postgres: OwnPostgres;
let postern: Postern;

test.before(async () => {
  postgres = await startPostgres({ version: installedVersion(), settings: SETTINGS });
  await createDatabase(postgres);
  postern = await startPostern({ postgres, databases: { [DATABASE]: serviceUrl(postgres) } });
});
test.after.always(async () => {
  await postern?.stop();
  await postgres?.stop();
});

for (const client of CLIENTS)
  test.serial(`${client.name} does through the proxy what it does directly`, async (t) => {
    await resetRows(postgres);
    const direct = await runClient(client, directUrl(postgres));
    t.deepEqual(
      direct.filter((report) => !report.ok),
      [],
    );
    t.deepEqual(direct.map((report) => report.step).toSorted(), [...EVERY_STEP, ...client.more].toSorted());

    await resetRows(postgres);
    const { url } = await postern.grant({ allow: EVERYDAY });
    const proxied = await runClient(client, url);
    for (const report of direct)
      t.deepEqual(
        proxied.find(({ step }) => step === report.step),
        report,
      );
    t.is(proxied.length, direct.length);
  });
