import pg from 'pg';
import { freePort } from '../../server/embedded/free-port.ts';
import { OwnPostgres } from '../../server/embedded/postgres.ts';
import { median, quantile } from '../figures/statistics.ts';
import { type Mark, mark, type Page, type Part } from '../part.ts';
import { measureSteadyRuns } from '../risk/risk-work.ts';
import { measureScoreTimes, type ScoreTimes } from '../risk/score-times.ts';
import { fixed, table } from '../table.ts';
import { type Connection, startPostern } from '../targets/postern-process.ts';
import { rotated } from '../targets/targets.ts';

/** Statements of a form that nobody has sent, in a round; the first warm up. */
const [NEW_FORMS, WARM_UP] = [600, 300];
/** Of 20,000 statements, s; and until servers are there. */
const [STEADY, START] = [6, 12];
const GRANT = ['--allow', 'select:*', '--connections', '100'];

interface NewForms {
  readonly target: string;
  readonly round: number;
  /** ms */
  readonly p50: number;
  readonly p99: number;
}

/** What the risk model does to usual statements, and to ones of a new form. */
export const model: Part = {
  name: 'model',
  title: 'The risk model',
  estimate: ({ rounds }) => START + STEADY + 10 + (rounds + 1) * 3,
  run: async function* (plan, say) {
    const server = await OwnPostgres.start();
    const { host, port, user, password } = server;
    const upstream = { host, port, user, password, database: 'postgres' };
    const metricsPort = await freePort();
    const common = { workers: 1, grant: GRANT };
    const without = await startPostern(upstream, common);
    try {
      const metrics = { listen: `127.0.0.1:${metricsPort}` };
      const scored = await startPostern(upstream, { ...common, config: { metrics, risk: {} } });
      try {
        const targets = [
          { name: 'postern', connection: without.connection },
          { name: 'postern-model', connection: scored.connection },
        ];
        const found: NewForms[] = [];
        for (let round = 0; round <= plan.rounds; round++)
          for (const target of rotated(targets, round)) {
            const times = await newForms(target.connection, `${round}`, round === 0 ? WARM_UP : NEW_FORMS);
            if (round === 0) continue;
            const row = { target: target.name, round, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
            found.push(row);
            say(`new forms ${round}/${plan.rounds} ${target.name}: p99 ${row.p99.toFixed(2)} ms`);
          }
        yield page(found, null, null);
        const steady = await steadyRuns(scored.connection, metricsPort);
        say(`20,000 usual statements: ${steady} runs of the model`);
        yield page(found, steady, await measureScoreTimes());
      } finally {
        await scored.stop();
      }
    } finally {
      await without.stop();
      await server.stop();
    }
  },
};

/** ms of statements of as many forms, none of which was seen before. */
async function newForms(connection: Connection, label: string, count: number): Promise<readonly number[]> {
  const client = new pg.Client({ ...connection, application_name: 'bench' });
  await client.connect();
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const since = performance.now();
    await client.query(`select relname as a${label}_${n} from pg_class where relkind = 'r' and oid = ${n}`);
    times.push(performance.now() - since);
  }
  await client.end();
  return times;
}

/** In a session of its own: one that has returned much is looked at again. */
async function steadyRuns(connection: Connection, metricsPort: number): Promise<number> {
  const client = new pg.Client({ ...connection, application_name: 'bench' });
  await client.connect();
  const runs = await measureSteadyRuns(client, metricsPort);
  await client.end();
  return runs;
}

/** null: not measured yet. */
function page(found: readonly NewForms[], steady: number | null, scores: ScoreTimes | null): Page {
  const rows = [...Map.groupBy(found, ({ target }) => target)].map(([target, of]) => ({
    target,
    p50: median(of.map(({ p50 }) => p50)),
    p99: median(of.map(({ p99 }) => p99)),
  }));
  const added = (name: 'p50' | 'p99') =>
    median(
      found.flatMap((mine) =>
        mine.target === 'postern' ? [] : [mine[name] - (partner(found, mine)?.[name] ?? Number.NaN)],
      ),
    );
  const times = rows.map(({ target, p50, p99 }) => [target, fixed(p50, 2), fixed(p99, 2)]);
  return {
    markdown: `One client, one worker process. ${NEW_FORMS} statements in a round, each of a form that nobody has sent, so that each is scored; and
20,000 usual ones. Medians over the rounds; what the model adds is taken within a round.

${table(['new forms', 'p50 ms', 'p99 ms'], [...times, ['added', fixed(added('p50'), 2), fixed(added('p99'), 2)]])}

${scores === null ? '' : `Runs of the model in 20,000 usual statements: ${steady}. Features, score and reasons of one statement by themselves, over ${fixed(scores.statements)} statements: p50 ${fixed(scores.p50, 2)} ms, p99 ${fixed(scores.p99, 2)} ms.`}`,
    plots: {},
    data: { rows, samples: found, steady, scores },
    marks: marksOf(added('p99'), steady),
  };
}

function marksOf(added: number, steady: number | null): readonly Mark[] {
  return [
    mark('runs of the model on steady traffic', 'at most', 0, steady ?? Number.NaN, 'in 20,000 statements'),
    mark('p99 that the model adds to a new form', 'at most', 1, added, 'ms'),
  ];
}

function partner(found: readonly NewForms[], { round }: NewForms): NewForms | undefined {
  return found.find((each) => each.target === 'postern' && each.round === round);
}
