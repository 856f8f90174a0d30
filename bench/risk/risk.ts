/**
 * What the risk model costs a node: memory with it and without, the time of features and score, and how often it runs on
 * steady traffic. Prints the lines of docs/risk-model.md.
 *
 *   npm run bench:risk -- [--rounds 3]
 */
import { parseArgs } from 'node:util';
import pg from 'pg';
import { freePort } from '../../server/embedded/free-port.ts';
import { OwnPostgres } from '../../server/embedded/postgres.ts';
import { median } from '../figures/statistics.ts';
import { machineSetting } from '../setting.ts';
import { type Connection, startPostern } from '../targets/postern-process.ts';
import { measureSteadyRuns, settledMiB, warmUp, work } from './risk-work.ts';
import { measureScoreTimes } from './score-times.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });

interface Round {
  /** MiB of the serving process, before any session and after the work. */
  readonly fresh: number;
  readonly worked: number;
  /** Runs of the model during steady traffic; null: there is none. */
  readonly steadyRuns: number | null;
}

const postgres = await OwnPostgres.start();
try {
  const rounds = { without: [] as Round[], with: [] as Round[] };
  for (let round = 0; round < Number(values.rounds); round++) {
    rounds.without.push(await measure(null));
    rounds.with.push(await measure({ timeout: '10s' }));
  }
  const added = (what: 'fresh' | 'worked'): string => {
    const [more, less] = [rounds.with, rounds.without].map((all) => median(all.map((each) => each[what])));
    return ((more as number) - (less as number)).toFixed(0);
  };
  const times = await measureScoreTimes();
  const { at, machine, node } = machineSetting();
  console.log(`Measured ${at.slice(0, 10)} on ${machine}, Node.js ${node}:

| | |
|---|--:|
| memory that a model adds to a process, loaded | ${added('fresh')} MiB |
| the same after 30,000 usual and 3,000 unusual statements | ${added('worked')} MiB |
| features, score and reasons, p50 / p99 | ${times.p50.toFixed(2)} / ${times.p99.toFixed(2)} ms |
| runs of the model in 20,000 usual statements | ${rounds.with.map(({ steadyRuns }) => steadyRuns).join(', ')} |`);
} finally {
  await postgres.stop();
}

async function measure(risk: object | null): Promise<Round> {
  const url = new URL(postgres.url());
  const upstream = {
    host: url.hostname,
    port: Number(url.port),
    user: url.username,
    password: url.password,
    database: url.pathname.slice(1),
  };
  const metricsPort = await freePort();
  const metrics = { listen: `127.0.0.1:${metricsPort}` };
  const node = await startPostern(upstream, {
    workers: 1,
    grant: ['--allow', 'select:*', '--connections', '100'],
    config: { metrics, ...(risk && { risk }) },
  });
  try {
    const fresh = await settledMiB(node.pid);
    const client = new pg.Client({ ...node.connection, application_name: 'bench' });
    await client.connect();
    await warmUp(client);
    await work(client);
    await client.end();
    const worked = await settledMiB(node.pid);
    const steadyRuns = risk && (await steady(node.connection, metricsPort));
    return { fresh, worked, steadyRuns };
  } finally {
    await node.stop();
  }
}

/** In a session of its own: one that has returned much is looked at again. */
async function steady(connection: Connection, metricsPort: number): Promise<number> {
  const client = new pg.Client({ ...connection, application_name: 'bench' });
  await client.connect();
  const runs = await measureSteadyRuns(client, metricsPort);
  await client.end();
  return runs;
}
