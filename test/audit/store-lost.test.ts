/** A store that is lost in the middle of it, in each of the ways in which that happens: afterwards it has each event once. */
import { createConnection, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { Spool } from '../../audit/spool.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { StoreBench } from './store-bench.ts';
import { options, statement, written } from './support.ts';

let postgres: OwnPostgres;
test.before(async () => {
  postgres = await startPostgres();
});
test.after.always(() => postgres?.stop());

const SMALL = { segmentBytes: 4_000 };

/** Before the others: it is theirs, too. */
test.serial('the server crashes while it is shipped to: each event is there once', async (t) => {
  const bench = new StoreBench(t, postgres);
  await written(bench.spool, 50);
  const shipper = bench.shipper();
  await shipper.caughtUp();
  for (let round = 0; round < 3; round += 1) {
    const [backend] = await postgres.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'postern shipper'`,
    );
    await written(bench.spool, 50);
    if (backend !== undefined) process.kill(backend.pid, 'SIGKILL'); // all sessions end; it recovers
    while (shipper.state.up) await sleep(5);
    while (!shipper.state.up) await sleep(5);
  }
  await shipper.caughtUp();
  t.deepEqual(await bench.stored(), await bench.spooled());
});

/** Between shipper and server: `cut` ends connections and takes no new ones until `join`. */
async function wire(t: ExecutionContext, to: number) {
  const sockets = new Set<Socket>();
  let [open, loseAt]: [boolean, string | null] = [true, null];
  const lost = new WeakSet<Socket>();
  const server = createServer((client) => {
    if (!open) return client.destroy();
    const upstream = createConnection(to, '127.0.0.1');
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {}).on('close', () => lost.has(one) || other.destroy());
      one.on('data', (data) => {
        if (lost.has(one)) return;
        other.write(data);
        if (loseAt !== null && data.includes(loseAt)) for (const each of sockets) lost.add(each);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const destroy = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  t.teardown(() => {
    destroy();
    server.close();
  });
  return {
    port: (server.address() as { port: number }).port,
    cut: () => {
      open = false;
      destroy();
    },
    /** Behind a message with this text all packets of the connections there are are lost, and neither side hears of it. */
    loseBehind: (text: string) => {
      loseAt = text;
    },
    join: () => {
      [open, loseAt] = [true, null];
    },
  };
}

test('the store goes and comes back, again and again, in the middle of it: each event is there once', async (t) => {
  const between = await wire(t, postgres.port);
  const bench = new StoreBench(t, postgres, between.port);
  const faults: (string | null)[] = [];
  const shipper = bench.shipper({ onChange: (error) => faults.push(error?.message ?? null) });
  const spool = Spool.open(options(bench.spool, SMALL));
  let number = 0;
  for (let round = 0; round < 5; round += 1) {
    for (let i = 0; i < 200; i += 1) {
      spool.append(statement(++number));
      t.true(await spool.commit());
      if (i === 100) between.cut();
      if (i % 50 === 0) await sleep(1);
    }
    while (shipper.state.up) await sleep(5);
    between.join();
    while (!shipper.state.up) await sleep(5);
  }
  await spool.close();
  await shipper.caughtUp();
  t.deepEqual(await bench.stored(), await bench.spooled());
  t.is((await bench.stored()).length, 1_000);
  t.true(faults.filter((fault) => fault !== null).length >= 5);
  t.is(faults.at(-1), null);
});

for (const text of ['insert into event', 'update stream set', 'commit']) {
  test(`packets are lost behind "${text}": the server gives the stream free, and each event is there once`, async (t) => {
    const between = await wire(t, postgres.port);
    const bench = new StoreBench(t, postgres, between.port);
    await written(bench.spool, 20);
    const shipper = bench.shipper({ timeout: 1_000 });
    await shipper.caughtUp();
    between.loseBehind(text);
    await written(bench.spool, 20);
    while (shipper.state.up) await sleep(5);
    between.join();
    while (!shipper.state.up || (await bench.stored()).length < 40) await sleep(20);
    t.deepEqual(await bench.stored(), await bench.spooled());
  });
}
