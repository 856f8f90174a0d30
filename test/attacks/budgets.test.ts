/** Ways to be delivered more than a grant's limits, or to run more. */
import test from 'ava';
import { startPostern } from '../helpers/postern.ts';
import { errorText, query, RawClient, type RawMessage } from '../helpers/raw-client.ts';
import { encodeLine } from '../traces/frontend-text.ts';
import { parseLine } from '../traces/words.ts';

const postern = await startPostern();
await postern.postgres.query(
  "create table big as select n, 'v' || n as label from generate_series(1, 5000) n; create table made (n int)",
);
test.after.always(() => postern.stop());

async function loggedIn(limits: Readonly<Record<string, number>>): Promise<RawClient> {
  const client = await RawClient.connect(postern.port);
  await client.login(await postern.grant({ allow: ['select,insert:public.*'], limits }));
  return client;
}

interface Outcome {
  readonly rows: number;
  /** SQLSTATE, or null. */
  readonly error: string | null;
  readonly messages: readonly RawMessage[];
}

async function outcome(client: RawClient): Promise<Outcome> {
  const messages = await client.receiveUntil('Z');
  const error = messages.find(({ type }) => type === 'E');
  const rows = messages.filter(({ type }) => type === 'D').length;
  return { rows, error: error === undefined ? null : errorText(error).slice(0, 5), messages };
}

function run(client: RawClient, sql: string): Promise<Outcome> {
  client.send(query(sql));
  return outcome(client);
}

/** One segment of the extended protocol, as lines of a trace. */
function segment(client: RawClient, ...lines: readonly string[]): Promise<Outcome> {
  client.send(...[...lines, 'Sync'].map((line) => encodeLine(parseLine(line))));
  return outcome(client);
}

const CUT = '42501';

test('a cursor that could not be declared again counts on', async (t) => {
  const client = await loggedIn({ rowsPerStatement: 100 });
  await run(client, 'declare c cursor with hold for select * from big');
  t.is((await run(client, 'fetch 100 from c')).rows, 100);
  t.is((await run(client, 'declare c cursor with hold for select 1')).error, '42P03');
  t.like(await run(client, 'fetch 100 from c'), { rows: 0, error: CUT });
  client.destroy();
});

test('explaining a DECLARE does not count anew, since it declares nothing', async (t) => {
  const client = await loggedIn({ rowsPerStatement: 100 });
  await run(client, 'declare c cursor with hold for select * from big');
  t.is((await run(client, 'fetch 100 from c')).rows, 100);
  t.is((await run(client, 'explain analyze declare c cursor for select 1')).error, null);
  t.like(await run(client, 'fetch 100 from c'), { rows: 0, error: CUT });
  client.destroy();
});

test('binding a DECLARE without running it does not count anew', async (t) => {
  const client = await loggedIn({ rowsPerStatement: 100 });
  await run(client, 'declare c cursor with hold for select * from big');
  await run(client, 'fetch 100 from c');
  t.is(
    (await segment(client, 'Parse "" "declare c cursor with hold for select 1"', 'Bind "" ""')).error,
    null,
  );
  t.like(await run(client, 'fetch 100 from c'), { rows: 0, error: CUT });
  client.destroy();
});

test('another cursor in the same text does not take the count', async (t) => {
  const client = await loggedIn({ rowsPerStatement: 100 });
  await run(client, 'declare c cursor with hold for select * from big');
  t.is((await run(client, 'fetch 100 from c; declare d cursor with hold for select 1')).rows, 100);
  t.like(await run(client, 'close d; fetch 100 from c; declare d cursor with hold for select 1'), {
    rows: 0,
    error: CUT,
  });
  client.destroy();
});

test('FETCH from a portal counts for the portal', async (t) => {
  const client = await loggedIn({ rowsPerStatement: 100 });
  await run(client, 'begin');
  const portal = ['Parse s "select * from big"', 'Bind p s', 'Execute p max=60'];
  t.is((await segment(client, ...portal)).rows, 60);
  t.like(await run(client, 'fetch 60 from p'), { rows: 40, error: CUT });
  client.destroy();
});

test('a cursor declared again after its end counts anew', async (t) => {
  const client = await loggedIn({ rowsPerStatement: 100 });
  for (let round = 0; round < 3; round++) {
    await run(client, 'begin; declare c cursor for select * from big');
    t.like(await run(client, 'fetch 100 from c'), { rows: 100, error: null });
    await run(client, 'commit');
  }
  client.destroy();
});

test('each statement of a text counts as a statement', async (t) => {
  const client = await loggedIn({ statements: 2 });
  const text = [1, 2, 3].map((n) => `insert into made values (${n})`).join('; ');
  t.is((await run(client, text)).error, '42501');
  t.deepEqual(await postern.postgres.query('select * from made'), []);
  t.is((await run(client, 'select 1; select 2')).error, null);
  t.is((await run(client, 'select 3')).error, '42501');
  client.destroy();
});

test('errors carry no more data than the bytes of the grant, also over many logins', async (t) => {
  const grant = await postern.grant({ allow: ['select:public.*'], limits: { bytes: 2000 } });
  let bytes = 0;
  for (let login = 0; login < 3; login++) {
    const client = await RawClient.connect(postern.port);
    await client.login(grant);
    for (let n = 0; n < 4; n++) {
      const { messages } = await run(
        client,
        `select string_agg(label, ',')::int from (select label from big where n % 40 = ${4 * login + n}) l`,
      );
      const error = messages.find(({ type }) => type === 'E')!;
      t.is(errorText(error).slice(0, 5), '22P02');
      if (error.body.includes('v4')) bytes += error.body.length;
    }
    client.destroy();
    await postern.event('session.end', { grant: grant.id });
  }
  t.true(bytes > 500 && bytes <= 2000, `${bytes} bytes came`);
});

test('a long error within the budget is told as it is', async (t) => {
  const client = await loggedIn({ bytes: 1_000_000, rows: 1 });
  await run(client, 'select 1');
  const { messages } = await run(client, "select repeat('long ', 2000)::int");
  const error = messages.find(({ type }) => type === 'E')!;
  t.true(error.body.length > 10_000);
  t.regex(errorText(error), /^22P02 invalid input syntax for type integer: "long long/);
  client.destroy();
});
