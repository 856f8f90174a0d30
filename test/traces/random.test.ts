/**
 * Random conversations, the same ones with PostgreSQL and through the proxy: what comes back must be the same, message
 * by message. `select * from nowhere` stands for a denial: it fails in the same places on both sides, with 42P01 there
 * and 42501 here. A grant with budgets too large to be reached takes the proxy's careful ways. Where they are reached, a
 * cut result has to be what an error after so many rows is: `select cut` has one there, and is too long here.
 */
import test from 'ava';
import fc from 'fast-check';
import { rounds } from '../helpers/rounds.ts';
import { directStage, resetRows, startTracePostgres, TRACE_DATABASE } from './direct-stage.ts';
import { startTraceProxy } from './proxy-stage.ts';
import { type Login, TraceConnection } from './trace-connection.ts';
import { parseTrace } from './trace-file.ts';

const RUNS = rounds(80);
/** Silence this long before the end means that it never comes. */
const QUIET_MS = 60_000;

const postgres = await startTracePostgres();
const postern = await startTraceProxy(postgres);
test.after.always(async () => {
  await postern.stop();
  await postgres.stop();
});

const CUT = 'select cut';
const ROWS = 20;
const LONG = 'select n from generate_series(1, 2000) n';
const FAILING = `select case when n <= ${ROWS} then n else 1 / (n - n) end as n from generate_series(1, 2000) n`;

const TEXTS = [
  'select 1 as one',
  'select id, name from items order by id',
  'select * from nowhere',
  'select 1 / 0',
  'selec',
  '',
  "insert into notes (body) values ('a')",
  "insert into notes (body) values ('b'), ('c') returning id, body",
  'select count(*) from notes',
  'begin',
  'commit',
  'rollback',
  'savepoint s',
  'rollback to s',
  "set application_name = 'x'",
];
const SEVERAL = [
  "insert into notes (body) values ('d'); select count(*) from notes",
  "insert into notes (body) values ('e'); select 1 / 0",
  "begin; insert into notes (body) values ('f'); select id from items order by id",
  'select id from items order by id; commit; select count(*) from notes',
  "insert into notes (body) values ('g'); select nothing; select 1",
  'prepare q as select 7 as seven',
  'execute q',
  'deallocate q',
  'declare c cursor for select id from items order by id',
  'fetch 2 from c',
  'close c',
  'discard all',
];

const quote = JSON.stringify;
const name = fc.constantFrom('s', 't');
/** The unnamed statement only where it is parsed first: the proxy forgets it when a second Parse of it is skipped. */
const parsedName = fc.constantFrom('""', 's', 't');
/**
 * The unnamed portal only where it is bound first: one that a failed simple Query has left behind is a dangling pointer
 * in PostgreSQL 18, and Execute of it can crash the server. (The proxy answers it by itself.)
 */
const portal = fc.constantFrom('o', 'p');
const boundPortal = fc.constantFrom('""', 'p');
const copy = (options: string): string => `"copy ${options} from stdin"`;
const SYNC = ['Sync'];

/** One or several lines that belong together. */
const stepOf = (texts: readonly string[]): fc.Arbitrary<readonly string[]> => {
  const text = fc.constantFrom(...texts);
  return fc.oneof(
    // Without the Sync, PostgreSQL 18 can get into a state in which ROLLBACK is an internal error.
    {
      weight: 4,
      arbitrary: fc.constantFrom(...texts, ...SEVERAL).map((sql) => ['Sync', `Query ${quote(sql)}`]),
    },
    { weight: 4, arbitrary: fc.tuple(name, text).map(([s, sql]) => [`Parse ${s} ${quote(sql)}`]) },
    { weight: 5, arbitrary: fc.tuple(portal, name).map(([p, s]) => [`Bind ${p} ${s}`]) },
    {
      weight: 5,
      arbitrary: fc.tuple(portal, fc.constantFrom(0, 1, 2)).map(([p, max]) => [`Execute ${p} max=${max}`]),
    },
    { weight: 1, arbitrary: portal.map((p) => [`Describe portal ${p}`]) },
    { weight: 1, arbitrary: name.map((s) => [`Describe statement ${s}`]) },
    { weight: 1, arbitrary: portal.map((p) => [`Close portal ${p}`]) },
    { weight: 1, arbitrary: name.map((s) => [`Close statement ${s}`]) },
    { weight: 1, arbitrary: fc.constant(['Flush']) },
    { weight: 3, arbitrary: fc.constant(SYNC) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(parsedName, text, boundPortal)
        .map(([s, sql, p]) => [
          `Parse ${s} ${quote(sql)}`,
          `Bind ${p} ${s}`,
          `Describe portal ${p}`,
          `Execute ${p}`,
        ]),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('notes (body)', 'items', 'nowhere')
        .map((table) => ['Sync', `Query ${copy(table)}`, 'CopyData "4\\td\\t1\\n"', 'CopyDone']),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('notes (body)', 'items') // a COPY's table is looked for when it runs
        .map((table) => [
          ...[`Parse copying ${copy(table)}`, 'Bind copying copying', 'Execute copying'],
          ...['CopyData "4\\td\\t1\\n"', 'CopyDone', 'Close statement copying'],
        ]),
    },
  );
};

/** Writes of one or more steps each. */
const conversationOf = (texts: readonly string[]) =>
  fc.array(fc.array(stepOf(texts), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 });

const LAST = ['Sync', `Query "rollback"`, `Query "select 'the end'"`];
const END = 'DataRow "the end"';

/** Everything the server says, to the end. */
async function converse(login: Login, writes: readonly (readonly string[])[]): Promise<string[]> {
  const connection = await TraceConnection.ready(login);
  const heard: string[] = [];
  try {
    for (const lines of [...writes, LAST]) await connection.send(lines, () => connection.key, 'whole');
    while (heard.at(-1) !== END && heard.at(-1) !== 'closed')
      heard.push(alike(await connection.receive('message', QUIET_MS)));
    return heard;
  } catch (error) {
    throw new Error(`${String(error)}\n${render(writes)}\nheard:\n${heard.join('\n')}`);
  } finally {
    connection.destroy();
  }
}

const render = (writes: readonly (readonly string[])[]): string =>
  writes.map((lines) => lines.join('\n')).join('\n--\n');

/** Errors that stand for one another: a cut is a division by zero there, and a denial comes before PostgreSQL would look at the block or the table. */
const ALIKE = /^ErrorResponse ERROR (22012|42501|42P01|25P02|42601|34000|26000|55000) .*/;
const alike = (line: string): string => line.replace(ALIKE, 'ErrorResponse ERROR refused');

const trace = parseTrace('# Random', 'random');

interface Variant {
  readonly texts: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

const VARIANTS: Readonly<Record<string, Variant>> = {
  'without budgets': { texts: TEXTS, limits: {} },
  'under budgets': {
    texts: TEXTS,
    limits: { rowsPerStatement: 1_000_000, rows: 1_000_000, bytes: 1_000_000_000 },
  },
  'with results that are cut': {
    texts: [...TEXTS, ...Array.from({ length: TEXTS.length / 3 }, () => CUT)],
    limits: { rowsPerStatement: ROWS },
  },
};

const spelled = (writes: readonly (readonly string[])[], cut: string) =>
  writes.map((lines) => lines.map((line) => line.replace(CUT, cut)));

for (const [title, { texts, limits }] of Object.entries(VARIANTS)) {
  test.serial(`random conversations ${title}`, async (t) => {
    t.timeout(3_000 * RUNS);
    const grant = await postern.grant({ allow: ['select,insert,update:trace.*'], limits });
    const proxied: Login = { ...grant, port: postern.port, database: TRACE_DATABASE };
    const outcome = await fc.check(
      fc.asyncProperty(conversationOf(texts), async (groups) => {
        const writes = groups.map((steps) => steps.flat());
        await resetRows(postgres);
        const direct = await converse(directStage(postgres, trace).login, spelled(writes, FAILING));
        await resetRows(postgres);
        const through = await converse(proxied, spelled(writes, LONG));
        if (direct.join('\n') === through.join('\n')) return;
        const at = direct.findIndex((line, i) => line !== through[i]);
        throw new Error(
          `differs at ${at}:\n${render(writes)}\n` +
            `direct:\n${direct.join('\n')}\nthrough:\n${through.join('\n')}`,
        );
      }),
      { numRuns: RUNS },
    );
    t.false(
      outcome.failed,
      `seed ${outcome.seed}, path ${outcome.counterexamplePath}: ${outcome.errorInstance}`,
    );
  });
}
