/** Much data, both ways, with readers and writers that stop and go: every byte arrives, and is the one that was sent. */
import { createHash } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { inCompany } from '../../proxy/turns.ts';
import { startPostern } from '../helpers/postern.ts';

const ROWS = 150_000;
const SOURCE = `select n as id, md5(n::text) || repeat(chr(97 + n % 26), n % 200) as text from generate_series(1, ${ROWS}) n`;

const postern = await startPostern({ tls: true });
test.after.always(() => postern.stop());
test.before(async () => {
  await postern.postgres.query(`create table source as ${SOURCE}`);
  await postern.postgres.query('create table taken (like source)');
});

for (const ssl of [false, { rejectUnauthorized: false }])
  test.serial(
    `what is copied out and in again is what it was, ${ssl ? 'with' : 'without'} TLS`,
    async (t) => {
      const grant = await postern.grant({
        allow: ['select,insert,export:public.*'],
        limits: { rowsPerStatement: ROWS, rows: 10 * ROWS, bytes: 1_000_000_000 },
      });
      const { user, password, database } = grant;
      const client = new pg.Client({ host: '127.0.0.1', port: postern.port, user, password, database, ssl });
      await client.connect();
      const sum = createHash('sha256');
      const pieces: Buffer[] = [];
      const halting = new Transform({
        transform: async (chunk: Buffer, _encoding, done) => {
          if (pieces.length % 40 === 0) await sleep(20);
          sum.update(chunk);
          pieces.push(Buffer.from(chunk));
          done(null);
        },
      });
      await pipeline(client.query(copyTo('copy (select * from source order by id) to stdout')), halting);
      const [direct] = await postern.postgres.query<{ readonly sum: string }>(
        "select encode(sha256(string_agg(id || E'\\t' || text || E'\\n', '' order by id)::bytea), 'hex') as sum from source",
      );
      t.is(sum.digest('hex'), direct!.sum);
      await postern.postgres.query('truncate taken');
      await pipeline(Readable.from(stopping(pieces)), client.query(copyFrom('copy taken from stdin')));
      const [found] = await postern.postgres.query<{ readonly missing: string; readonly other: string }>(
        'select (select count(*) from (table source except table taken) a) as missing, (select count(*) from (table taken except table source) b) as other',
      );
      t.deepEqual(found, { missing: '0', other: '0' });
      await client.end();
    },
  );

test.serial(
  'a bulk rests a millisecond for each 64 KiB while another session sends statements',
  async (t) => {
    const grant = await postern.grant({
      allow: ['select,export:public.*'],
      limits: { rowsPerStatement: ROWS, rows: 10 * ROWS, bytes: 1_000_000_000 },
    });
    const { user, password, database } = grant;
    const to = { host: '127.0.0.1', port: postern.port, user, password, database };
    const [reader, other] = [new pg.Client(to), new pg.Client(to)];
    await Promise.all([reader.connect(), other.connect()]);
    let reads = true;
    const speaking = (async () => {
      for (; reads; await sleep(5)) await other.query('select 1');
    })();
    const since = performance.now();
    const bytes = await lengthOf(reader.query(copyTo('copy source to stdout')));
    const ms = performance.now() - since;
    reads = false;
    await speaking;
    const rests = bytes / (64 * 1024);
    t.true(ms > rests / 2, `${ms} ms for ${rests} pieces`); // the least: no machine is too slow for it
    await Promise.all([reader.end(), other.end()]);
  },
);

test.serial('data of a COPY is no company: loads side by side need no rest', async (t) => {
  const grant = await postern.grant({ allow: ['select,insert:public.*'] });
  const { user, password, database } = grant;
  const client = new pg.Client({ host: '127.0.0.1', port: postern.port, user, password, database });
  await client.connect();
  const stream = client.query(copyFrom('copy taken from stdin'));
  const seen: boolean[] = [];
  for (const end = performance.now() + 150; performance.now() < end; await sleep(5)) {
    stream.write('1\tloaded\n');
    seen.push(inCompany({}));
  }
  stream.end();
  await finished(stream);
  t.false(seen.at(-1));
  await client.end();
});

async function lengthOf(stream: Readable): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += (chunk as Buffer).length;
  return bytes;
}

async function* stopping(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const [number, piece] of pieces.entries()) {
    if (number % 100 === 0) await sleep(20);
    yield piece;
  }
}
