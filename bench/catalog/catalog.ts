import pg from 'pg';
import { pino } from 'pino';
import { Catalogs } from '../../server/catalogs.ts';
import { OwnPostgres } from '../../server/embedded/postgres.ts';
import { measureRefresh, type RefreshRow } from '../decisions/catalog-refresh.ts';
import { type DecisionRow, measureDecisions } from '../decisions/decision-times.ts';
import { decisionSections } from '../decisions/decisions-page.ts';
import { fillDatabase } from '../decisions/large-database.ts';
import type { Page, Part } from '../part.ts';
import { lines } from '../plots/lines.ts';

const LINES = [1, 100, 1_000];
/** Relations a second that are made, to estimate by; and what decisions over one database take, s. */
const [RATE, DECISIONS] = [800, 8];

/** What a decision costs, and the catalog that it is made over, by the number of relations and of lines of a grant. */
export const catalog: Part = {
  name: 'catalog',
  title: 'Decisions by the size of the catalog and of the grant',
  estimate: ({ relations }) => 3 + relations.reduce((sum, count) => sum + count / RATE + DECISIONS, 0),
  run: async function* (plan, say) {
    const server = await OwnPostgres.start();
    const decisions: DecisionRow[] = [];
    const refreshes: RefreshRow[] = [];
    try {
      for (const relations of plan.relations) {
        const database = `decisions_${relations}`;
        await server.query(`create database ${database}`);
        await filled(server.url(database), relations);
        const { host, port, user, password } = server;
        const target = { host, port, user, password, database, tls: { mode: 'disable' } } as const;
        const catalogs = new Catalogs(new Map([['bench', target]]), pino({ level: 'error' }));
        refreshes.push(await measureRefresh(catalogs, server.url(database), relations));
        decisions.push(...(await measureDecisions(catalogs, relations, LINES)));
        await catalogs.close();
        say(`${relations} relations: loaded in ${refreshes.at(-1)?.load.toFixed(0)} ms`);
        yield page(decisions, refreshes);
      }
    } finally {
      await server.stop();
    }
  },
};

async function filled(url: string, relations: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await fillDatabase(client, relations).finally(() => client.end());
}

function page(decisions: readonly DecisionRow[], refreshes: readonly RefreshRow[]): Page {
  const by = (value: (row: DecisionRow) => number) =>
    decisions
      .filter(({ lines, statement }) => lines === 1 && statement === 'select by key')
      .map((row) => [row.relations, value(row)] as const);
  return {
    markdown: `![decisions](decisions.svg)\n\n![catalog](catalog.svg)\n\n${decisionSections(decisions, refreshes)}`,
    plots: {
      'decisions.svg': lines({
        title: 'A decision, by the relations in the database',
        x: { label: 'relations', scale: 'log' },
        y: { label: 'µs', scale: 'log' },
        series: [
          { name: 'new form', points: by(({ uncached }) => uncached) },
          { name: 'other constants', points: by(({ constants }) => constants) },
          { name: 'same text', points: by(({ cached }) => cached) },
        ],
      }),
      'catalog.svg': lines({
        title: 'The catalog, by the relations in the database',
        x: { label: 'relations', scale: 'log' },
        y: { label: 'ms', scale: 'log' },
        series: [
          { name: 'first load', points: refreshes.map((row) => [row.relations, row.load]) },
          { name: 'after a change', points: refreshes.map((row) => [row.relations, row.reloads.table]) },
          { name: 'a look', points: refreshes.map((row) => [row.relations, row.busyLook]) },
        ],
      }),
    },
    data: { decisions, refreshes },
    marks: [],
  };
}
