/**
 * Where the time of a worker goes under SELECTs of 8 clients, prepared unless told, beside PgBouncer and a bare pipe in the same run:
 * sampled by perf(1), the kernel's part too, as flame graphs and a table by layers.
 *
 *   npm run bench:flame -- [--protocol prepared|simple|extended] [--seconds 6] [--out DIRECTORY]
 *
 *   perf-stacks.ts, layers.ts   what perf tells, and what it is counted to
 *   flame-graph.ts              the picture
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { OwnPostgres } from '../../server/embedded/postgres.ts';
import { newestInstalled } from '../../server/embedded/postgres-binaries.ts';
import { withUsage } from '../figures/used.ts';
import { initialised, type Pgbench } from '../rates/pgbench.ts';
import { machineSetting } from '../setting.ts';
import { startPipe } from '../targets/pipe-process.ts';
import { ensureInstalled, startPgbouncer } from '../targets/poolers.ts';
import { startPostern } from '../targets/postern-process.ts';
import { stopTargets, type Target } from '../targets/targets.ts';
import { callsOf, flameGraph } from './flame-graph.ts';
import { type FlameRow, flamePage } from './flame-page.ts';
import { type Stack, stacksOf } from './perf-stacks.ts';

const { values } = parseArgs({
  options: {
    protocol: { type: 'string', default: 'prepared' },
    seconds: { type: 'string', default: '6' },
    out: { type: 'string', default: join(import.meta.dirname, '../results/flame') },
  },
});
const WORKLOAD = {
  ...{ name: 'select', title: `SELECT, ${values.protocol}, 8 clients`, clients: 8 },
  ...{ args: ['-S', '-M', values.protocol], statements: 1, marked: true },
};
/** So that V8 tells perf the names of what it compiles. */
const NAMES = ['--perf-basic-prof', '--interpreted-frames-native-stack'];
/** A second; not in step with timers. */
const FREQUENCY = '997';
const WARM_UP = 5;

ensureInstalled('perf', 'linux-perf');
const setting = machineSetting();
const seconds = Number(values.seconds);
const server = await OwnPostgres.start({ version: newestInstalled(), settings: { shared_buffers: '256MB' } });
const targets: Target[] = [];
try {
  const { pgbench, connection } = await initialised(server, 10);
  const pipe = await startPipe(connection.port, NAMES);
  targets.push(await startPgbouncer(connection));
  targets.push({ name: 'pipe', ...pipe, connection: { ...connection, port: pipe.port } });
  targets.push({
    name: 'postern',
    ...(await startPostern(connection, { workers: 1, nodeArgs: NAMES, config: { risk: {} } })),
  });
  const rows: FlameRow[] = [];
  mkdirSync(values.out, { recursive: true });
  for (const target of targets) {
    const { stacks, ...used } = await profiled(pgbench, target);
    rows.push({ target: target.name, ...used, stacks });
    const title = `${target.name}: ${WORKLOAD.title}, ${(used.user + used.system).toFixed(0)} µs of CPU a statement`;
    writeFileSync(join(values.out, `${target.name}.svg`), flameGraph(title, callsOf(stacks)));
    console.log(title);
  }
  const { markdown, data } = flamePage(setting, WORKLOAD.title, seconds, rows);
  writeFileSync(join(values.out, 'report.md'), markdown);
  writeFileSync(join(values.out, 'results.json'), `${JSON.stringify({ setting, ...data }, null, 1)}\n`);
  console.log(`\n${markdown}`);
} finally {
  await stopTargets(targets);
  await server.stop();
}

async function profiled(pgbench: Pgbench, { connection, pid }: Target) {
  const directory = mkdtempSync(join(tmpdir(), 'postern-perf-'));
  const file = join(directory, 'perf.data');
  try {
    await pgbench.run(connection, WORKLOAD, WARM_UP);
    const running = withUsage(pid, () => pgbench.run(connection, WORKLOAD, seconds));
    await sleep(500); // clients connect
    const record = ['record', '-q', '-F', FREQUENCY, '-g', '-p', `${pid}`, '-o', file];
    const perf = spawn('perf', [...record, '--', 'sleep', `${seconds - 1}`], { stdio: 'ignore' });
    await once(perf, 'exit');
    const { tps, user, system } = await running;
    return { tps, user, system, stacks: await stacksIn(file) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function stacksIn(file: string): Promise<readonly Stack[]> {
  const { stdout } = await promisify(execFile)('perf', ['script', '-i', file, '-F', 'ip,sym,symoff,dso'], {
    maxBuffer: 2 ** 29,
  });
  return stacksOf(stdout);
}
