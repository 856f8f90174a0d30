/** Ways to have one statement decided, or recorded, and another one run. */
import test from 'ava';
import { startPostern } from '../helpers/postern.ts';
import { RawClient } from '../helpers/raw-client.ts';
import { encodeLine } from '../traces/frontend-text.ts';
import { parseLine } from '../traces/words.ts';

const postern = await startPostern();
await postern.postgres.query('create table big as select n from generate_series(1, 10) n');
test.after.always(() => postern.stop());

async function loggedIn(): Promise<{ readonly client: RawClient; readonly grant: string }> {
  const grant = await postern.grant({ allow: ['select:public.*'] });
  const client = await RawClient.connect(postern.port);
  await client.login(grant);
  return { client, grant: grant.id };
}

/** Lines of a trace in one write; resolves with the rows that came up to the last ReadyForQuery. */
async function sent(client: RawClient, ...lines: readonly string[]): Promise<readonly string[]> {
  client.send(...lines.map((line) => encodeLine(parseLine(line))));
  const rows: string[] = [];
  for (const line of lines) {
    if (!/^(Sync|Query)/.test(line)) continue;
    for (const { type, body } of await client.receiveUntil('Z'))
      if (type === 'D') rows.push(body.toString('utf8', 6));
  }
  return rows;
}

async function executed(grant: string): Promise<readonly string[]> {
  const events = await postern.events();
  return events.flatMap((event) =>
    event.type === 'statement' && event.grant === grant && event.via === 'execute' ? [event.sql] : [],
  );
}

test('names that are one to PostgreSQL are one here: it reads 63 bytes of them', async (t) => {
  const { client, grant } = await loggedIn();
  const name = 'a'.repeat(63);
  await sent(client, `Parse ${name}x "select 'one'"`, 'Sync');
  await sent(client, `Close S ${name}y`, 'Sync');
  await sent(client, `Parse ${name}z "select 'other'"`, 'Sync');
  const rows = await sent(client, `Bind "" ${name}x`, 'Execute ""', 'Sync');
  t.regex(rows[0]!, /other$/);
  t.deepEqual(await executed(grant), ["select 'other'"]);
  client.destroy();
});

test('a PREPARE that was skipped has prepared nothing', async (t) => {
  const { client, grant } = await loggedIn();
  await sent(client, 'Query "begin"', 'Parse s "select 1 / (n - 1) from big"', 'Bind p s', 'Sync');
  const line = (text: string) => encodeLine(parseLine(text));
  client.send(line('Execute p'), line(`Query "prepare a as select 'one'"`), line('Sync'));
  await client.receiveUntil('Z');
  await sent(client, 'Query "rollback"');
  await sent(client, `Parse a "select 'other'"`, 'Sync');
  t.regex((await sent(client, 'Bind "" a', 'Execute ""', 'Sync'))[0]!, /other$/);
  t.is((await executed(grant)).at(-1), "select 'other'");
  client.destroy();
});
