/**
 * What a session costs before it does anything: the time of a login (SCRAM) through Postern and direct, logins a second,
 * and the memory of sessions that are idle.
 *
 *   node bench/sessions.ts [--logins 300] [--rounds 5] [--at-once 16] [--idle 100,1000,5000] [--out DIRECTORY]
 *
 * PostgreSQL needs some 2 MB for each idle session of its own.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { OwnPostgres } from '../../server/embedded/postgres.ts';
import { newestInstalled } from '../../server/embedded/postgres-binaries.ts';
import { cpuSeconds, memoryMiB } from '../figures/process-usage.ts';
import { quantile } from '../figures/statistics.ts';
import { machineSetting } from '../setting.ts';
import { type Connection, startPostern } from '../targets/postern-process.ts';
import { type IdleSample, type LoginSample, sessionsPage } from './sessions-page.ts';

const { values } = parseArgs({
  options: {
    logins: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '5' },
    'at-once': { type: 'string', default: '16' },
    idle: { type: 'string', default: '100,1000,5000' },
    out: { type: 'string', default: join(import.meta.dirname, '../results/sessions') },
  },
});
const plan = {
  logins: Number(values.logins),
  rounds: Number(values.rounds),
  atOnce: Number(values['at-once']),
  idle: values.idle
    .split(',')
    .map(Number)
    .sort((a, b) => a - b),
};
const MOST = Math.max(...plan.idle, plan.atOnce);
/** ms until a process that has nothing to do has come to rest. */
const REST = 5_000;

const setting = machineSetting();
const server = await OwnPostgres.start({
  version: newestInstalled(),
  hba: ['host all all 127.0.0.1/32 scram-sha-256'],
  settings: { max_connections: String(MOST + 50), shared_buffers: '128MB' },
});
const { host, port, user, password } = server;
const direct: Connection = { host, port, user, password, database: 'postgres' };
const postern = await startPostern(direct, {
  grant: ['--allow', 'select:public.*', '--connections', String(MOST + 10), '--rows', '1000000'],
});
try {
  const logins = await measureLogins();
  const idle: IdleSample[] = [];
  const clients: pg.Client[] = [];
  await sleep(REST);
  const before = memoryMiB(postern.pid);
  for (const count of plan.idle) {
    const sample = await measureIdle(clients, count, before);
    idle.push(sample);
    console.log(`${count} idle sessions: ${sample.kibEach.toFixed(1)} KiB each`);
  }
  await Promise.all(clients.map((client) => client.end()));
  const page = sessionsPage(setting, plan, logins, idle);
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'report.md'), page);
  writeFileSync(
    join(values.out, 'results.json'),
    `${JSON.stringify({ setting, plan, logins, idle }, null, 1)}\n`,
  );
  console.log(`\n${page}`);
} finally {
  await postern.stop();
  await server.stop();
}

async function measureLogins(): Promise<readonly LoginSample[]> {
  const samples: LoginSample[] = [];
  const targets = [
    { target: 'direct', to: direct, pid: null },
    { target: 'postern', to: postern.connection, pid: postern.pid },
  ];
  for (let round = 0; round <= plan.rounds; round++)
    for (const { target, to, pid } of targets) {
      const times = await repeat(1, to);
      const before = pid === null ? 0 : cpuSeconds(pid);
      const since = performance.now();
      await repeat(plan.atOnce, to);
      const seconds = (performance.now() - since) / 1000;
      const cpu = pid === null ? 0 : cpuSeconds(pid) - before;
      if (round === 0) continue; // warming up
      const sample = {
        target,
        round,
        p50: quantile(times, 0.5),
        p99: quantile(times, 0.99),
        perSecond: plan.logins / seconds,
        cpuMs: (cpu / plan.logins) * 1000,
      };
      samples.push(sample);
      console.log(
        `${round}/${plan.rounds} ${target}: p50 ${sample.p50.toFixed(2)} ms, ${sample.perSecond.toFixed(0)}/s`,
      );
    }
  return samples;
}

/** ms for each login, with so many under way at once. */
async function repeat(atOnce: number, to: Connection): Promise<readonly number[]> {
  const times: number[] = [];
  let left = plan.logins;
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      const client = new pg.Client({ ...to });
      const since = performance.now();
      await client.connect();
      times.push(performance.now() - since);
      await client.end();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return times;
}

/** Sessions are opened beside those there are, so that what a process has taken for the first counts for all. */
async function measureIdle(clients: pg.Client[], count: number, before: number): Promise<IdleSample> {
  while (clients.length < count) {
    const more = Array.from(
      { length: Math.min(20, count - clients.length) },
      () => new pg.Client({ ...postern.connection }),
    );
    for (const client of more) client.on('error', () => {});
    await Promise.all(more.map((client) => client.connect()));
    clients.push(...more);
  }
  await sleep(REST);
  const cpu = cpuSeconds(postern.pid);
  await sleep(REST);
  const cpuShare = (cpuSeconds(postern.pid) - cpu) / (REST / 1000);
  return { count, kibEach: ((memoryMiB(postern.pid) - before) * 1024) / count, cpuShare };
}
