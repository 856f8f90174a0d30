import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { OwnPostgres } from '../../server/embedded/postgres.ts';
import { newestInstalled } from '../../server/embedded/postgres-binaries.ts';
import { cpuSeconds, memoryMiB } from '../figures/process-usage.ts';
import { quantile } from '../figures/statistics.ts';
import type { Part } from '../part.ts';
import { type Connection, type PosternProcess, startPostern } from '../targets/postern-process.ts';
import { openTargets, rotated, stopTargets, TARGETS, type Target } from '../targets/targets.ts';
import { keepingKeys, type Login, nodePostgres } from './login.ts';
import { type IdleSample, type LoginSample, sessionsPage } from './sessions-page.ts';

const AT_ONCE = 16;
/** Connections that are opened at once when many are wanted. */
const TOGETHER = 20;
/** Logins a second through everything, to estimate by. */
const RATE = 150;

/**
 * What a session costs before it does anything: the time of a login, logins a second, and the memory of sessions that are
 * idle. PostgreSQL needs some 2 MB for each of those.
 */
export const sessions: Part = {
  name: 'sessions',
  title: 'Logins and idle sessions',
  estimate: ({ logins, minorRounds, idle, rest }) =>
    15 + ((minorRounds + 1) * logins * 4) / RATE + Math.max(...idle) / RATE + idle.length * 2 * rest,
  run: async function* (plan, say) {
    const most = Math.max(...plan.idle, AT_ONCE);
    const server = await OwnPostgres.start({
      version: newestInstalled(),
      settings: { max_connections: `${most + 200}`, shared_buffers: '128MB' },
    });
    const { host, port, user, password } = server;
    const direct: Connection = { host, port, user, password, database: 'postgres' };
    const grant = ['--allow', 'select:public.*', '--connections', `${most + 10}`, '--rows', '1000000'];
    const postern = await startPostern(direct, { grant });
    let poolers: readonly Target[] = [];
    try {
      poolers = await openTargets([TARGETS.direct!, TARGETS.pgbouncer!], direct, {});
      const targets = [...poolers, { ...postern, name: 'postern' }];
      const logins: LoginSample[] = [];
      for (let round = 0; round <= plan.minorRounds; round++)
        for (const target of rotated(targets, round)) {
          const sample = await measureLogins(target, plan.logins, round);
          if (round === 0) continue; // warming up
          logins.push(sample);
          const { p50, perSecond } = sample;
          say(`${round}/${plan.minorRounds} ${target.name}: ${p50.toFixed(2)} ms, ${perSecond.toFixed(0)}/s`);
        }
      yield sessionsPage(plan, AT_ONCE, logins, []);
      const idle: IdleSample[] = [];
      const clients: pg.Client[] = [];
      await sleep(plan.rest * 1000);
      const before = memoryMiB(postern.pid);
      for (const count of plan.idle) {
        const sample = await measureIdle(postern, clients, count, plan.rest);
        const kibEach = ((sample.memoryMiB - before) * 1024) / count;
        idle.push({ count, kibEach, cpuShare: sample.cpuShare });
        say(`${count} idle sessions: ${kibEach.toFixed(1)} KiB each`);
        yield sessionsPage(plan, AT_ONCE, logins, idle);
      }
      await Promise.all(clients.map((client) => client.end()));
    } finally {
      await stopTargets(poolers);
      await postern.stop();
      await server.stop();
    }
  },
};

async function measureLogins(
  { name, connection, pid }: Target,
  count: number,
  round: number,
): Promise<LoginSample> {
  const times = await repeat(1, nodePostgres, connection, count);
  const cpu = () => (pid === null ? 0 : cpuSeconds(pid));
  const before = cpu();
  const since = performance.now();
  await repeat(AT_ONCE, keepingKeys, connection, count);
  const seconds = (performance.now() - since) / 1000;
  return {
    ...{ target: name, round, p50: quantile(times, 0.5), p99: quantile(times, 0.99) },
    perSecond: count / seconds,
    cpuMs: ((cpu() - before) / count) * 1000,
  };
}

/** ms for each login, with so many under way at once. */
async function repeat(
  atOnce: number,
  login: Login,
  to: Connection,
  count: number,
): Promise<readonly number[]> {
  const times: number[] = [];
  let left = count;
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      const since = performance.now();
      const session = await login(to);
      times.push(performance.now() - since);
      await session.end();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return times;
}

/** Sessions are opened beside those there are, so that what a process has taken for the first counts for all. */
async function measureIdle(
  { pid, connection }: PosternProcess,
  clients: pg.Client[],
  count: number,
  rest: number,
): Promise<{ readonly memoryMiB: number; readonly cpuShare: number }> {
  while (clients.length < count) {
    const more = Array.from(
      { length: Math.min(TOGETHER, count - clients.length) },
      () => new pg.Client({ ...connection }),
    );
    for (const client of more) client.on('error', () => {});
    await Promise.all(more.map((client) => client.connect()));
    clients.push(...more);
  }
  await sleep(rest * 1000);
  const cpu = cpuSeconds(pid);
  await sleep(rest * 1000);
  return { memoryMiB: memoryMiB(pid), cpuShare: (cpuSeconds(pid) - cpu) / rest };
}
