import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import pg from 'pg';
import { freePort, isFree } from '../../../server/embedded/free-port.ts';
import { privateDirectory, unprivilegedUser } from '../../../server/embedded/own-user.ts';
import { OwnPostgres } from '../../../server/embedded/postgres.ts';
import { newestInstalled } from '../../../server/embedded/postgres-binaries.ts';
import { OwnRedis } from '../../../server/embedded/redis.ts';

interface Started {
  readonly port: number;
  readonly directory: string;
}

/** Until `condition` holds; false after a minute. */
async function eventually(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 600; tries++) {
    if (await condition()) return true;
    await sleep(100);
  }
  return false;
}

for (const kind of ['redis', 'postgres']) {
  for (const end of ['SIGKILL', 'SIGTERM', 'crash'] as const) {
    test(`nothing is left of ${kind} when its owner ends by ${end}`, async (t) => {
      const script = new URL('./owner.ts', import.meta.url).pathname;
      const owner = spawn(process.execPath, [script, kind, end], { stdio: ['ignore', 'pipe', 'ignore'] });
      const gone = once(owner, 'exit');
      const [line] = (await once(owner.stdout, 'data')) as [Buffer];
      const { port, directory } = JSON.parse(line.toString()) as Started;
      if (end !== 'crash') {
        t.false(await isFree(port));
        owner.kill(end);
      }
      await gone;
      t.true(await eventually(() => !existsSync(directory)));
      t.true(await eventually(() => isFree(port)));
    });
  }
}

test('a stopped server leaves nothing', async (t) => {
  for (const server of [await OwnRedis.start(), await OwnPostgres.start()]) {
    await server.stop();
    t.true(await isFree(server.port));
    t.false(existsSync(server.directory));
  }
});

test('servers that begin at the same time with the first cluster that is kept have their own', async (t) => {
  const kept = privateDirectory('postern-kept-', unprivilegedUser());
  const servers = await Promise.all([OwnPostgres.start({ kept }), OwnPostgres.start({ kept })]);
  t.deepEqual(readdirSync(kept), ['embedded']);
  const [one, other] = servers;
  await one!.query('create table only_here ()');
  await t.throwsAsync(other!.query('table only_here'), { message: /does not exist/ });
  for (const server of servers) {
    const client = new pg.Client(server.url());
    await t.notThrowsAsync(client.connect());
    await client.end();
    await server.stop();
  }
  rmSync(kept, { recursive: true });
});

test('a frozen redis keeps its connections and answers none; it can be stopped frozen', async (t) => {
  const redis = await OwnRedis.start();
  redis.pause();
  const answer = redis.flush().then(() => 'answered');
  t.is(await Promise.race([answer, sleep(300, 'silent')]), 'silent');
  redis.resume();
  t.is(await answer, 'answered');
  redis.pause();
  await redis.stop();
  t.true(await isFree(redis.port));
});

test('a restarted redis comes back on the same port', async (t) => {
  const redis = await OwnRedis.start();
  await redis.stop();
  await t.throwsAsync(redis.flush());
  await redis.restart();
  await t.notThrowsAsync(redis.flush());
  await redis.stop();
});

test('a server whose port is taken says so and leaves nothing', async (t) => {
  const first = await OwnRedis.start();
  await t.throwsAsync(OwnRedis.start({}, first.port), { message: /in use/ });
  await t.throwsAsync(OwnPostgres.start({ port: first.port }), { message: /Address already in use/ });
  await first.stop();
});

test("a bad setting is reported with the server's own words", async (t) => {
  await t.throwsAsync(OwnPostgres.start({ settings: { no_such_setting: 'x' } }), {
    message: /no_such_setting/,
  });
  await t.throwsAsync(OwnRedis.start({ 'no-such-setting': 'x' }), { message: /no-such-setting/ });
});

test('the installed PostgreSQL runs as well as the embedded one', async (t) => {
  const server = await OwnPostgres.start({ version: 'installed', settings: { application_name: "it's" } });
  const [row] = await server.query<{ name: string; version: string }>(
    "select current_setting('application_name') as name, current_setting('server_version') as version",
  );
  t.is(row?.name, "it's");
  t.is(Number.parseInt(row?.version ?? '', 10), newestInstalled());
  await server.stop();
});

test('free ports differ', async (t) => {
  const ports = await Promise.all(Array.from({ length: 20 }, freePort));
  t.true(new Set(ports).size > 15);
});
