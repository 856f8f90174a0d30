/** The same scripts over TLS, with the proxy's certificate verified and, by libpq, the channel bound to it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { makeCertificates } from '../helpers/certificates.ts';
import { type Postern, startPostern } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { CLIENTS, runClient } from './client-table.ts';
import { createDatabase, DATABASE, EVERYDAY, resetRows, serviceUrl } from './database.ts';

const VERIFY = 'sslmode=verify-full&sslrootcert=';
const BIND = '&channel_binding=require';

/** What each client's connection URL says of TLS. */
const OPTIONS: Readonly<Record<string, (ca: string) => string>> = {
  'node-postgres': (ca) => VERIFY + ca,
  'postgres-js': () => 'sslmode=verify-full', // takes the CA from NODE_EXTRA_CA_CERTS
  psycopg: (ca) => VERIFY + ca + BIND,
  sqlalchemy: (ca) => VERIFY + ca + BIND,
  pgjdbc: (ca) => VERIFY + ca,
};

let postgres: OwnPostgres;
let postern: Postern;
const directory = mkdtempSync(join(tmpdir(), 'postern-clients-tls-'));
const ca = join(directory, 'ca.crt');

test.before(async () => {
  const certificates = makeCertificates();
  const [cert, key] = [join(directory, 'server.crt'), join(directory, 'server.key')];
  writeFileSync(ca, certificates.ca);
  writeFileSync(cert, certificates.cert);
  writeFileSync(key, certificates.key, { mode: 0o600 });
  postgres = await startPostgres();
  await createDatabase(postgres);
  postern = await startPostern({
    postgres,
    databases: { [DATABASE]: serviceUrl(postgres) },
    config: { tls: { cert, key } },
  });
});
test.after.always(async () => {
  await postern?.stop();
  await postgres?.stop();
  rmSync(directory, { recursive: true });
});

for (const [name, options] of Object.entries(OPTIONS))
  test.serial(`${name} over TLS`, async (t) => {
    await resetRows(postgres);
    const client = CLIENTS.find((each) => each.name === name)!;
    const { id, url } = await postern.grant({ allow: EVERYDAY });
    const reports = await runClient(client, `${url}?${options(ca)}`, { NODE_EXTRA_CA_CERTS: ca });
    t.deepEqual(
      reports.filter((report) => !report.ok),
      [],
    );
    t.true(reports.length > 20);
    const events = (await postern.events()).filter(
      (event) => event.type === 'session.start' && event.grant === id,
    );
    t.true(events.length > 1);
    t.true(events.every((event) => event.type === 'session.start' && event.tls));
  });
