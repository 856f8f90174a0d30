/**
 * How fast the audit store answers, at some million events: made here, shipped as a node ships them, and asked what the pages
 * of the console and auditors ask.
 *
 *   node bench/audit-store.ts [--events 5000000] [--days 90] [--times 40] [--out DIRECTORY]
 *     [--spool DIRECTORY --store URL]      an own server, kept afterwards; asked alone if it has the events already
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listSegments, listStreams, segmentName, streamDirectory } from '../../audit/segments.ts';
import { Shipper } from '../../audit/store/shipper.ts';
import { StoreSource } from '../../audit/store/store-source.ts';
import { connectStore, type StoreTarget } from '../../audit/store/store-target.ts';
import { OwnPostgres } from '../../server/embedded/postgres.ts';
import { quantile } from '../figures/statistics.ts';
import { machineSetting } from '../setting.ts';
import { type Load, writeLoad } from './audit-store-load.ts';
import { auditStorePage, type QuestionRow } from './audit-store-page.ts';
import { auditStorePlot } from './audit-store-plot.ts';
import { type Question, questionsOf } from './audit-store-questions.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '5000000' },
    days: { type: 'string', default: '90' },
    times: { type: 'string', default: '40' },
    out: { type: 'string', default: join(import.meta.dirname, '../results/audit-store') },
    spool: { type: 'string' },
    store: { type: 'string' },
  },
});
const DAY = 86_400_000;
const SETTINGS = { shared_buffers: '1GB', max_wal_size: '8GB', maintenance_work_mem: '256MB' };
const TIMEOUT = 3_600_000;
const SIZES = `
  select sum(pg_total_relation_size(c.oid)) as store,
         sum((select sum(pg_relation_size(i.indexrelid)) from pg_index i join pg_class x on x.oid = i.indexrelid
              join pg_am on pg_am.oid = x.relam where i.indrelid = c.oid and amname = 'gin')) as terms
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = current_schema and c.relkind = 'r'`;

const setting = machineSetting();
const directory = values.spool ?? mkdtempSync(join(tmpdir(), 'postern-bench-store-'));
const server = values.store === undefined ? await OwnPostgres.start({ settings: SETTINGS }) : null;
const target: StoreTarget = {
  connection: { connectionString: values.store ?? server?.url() },
  schema: 'postern_audit',
};
try {
  const { load, shipping } = await filled();
  const source = new StoreSource(target);
  const rows = await measured(questionsOf(source, load));
  await source.close();
  const plan = { events: load.events, days: Number(values.days), times: Number(values.times) };
  const figures = { ...plan, shipping, sizes: await sizesOf() };
  const page = auditStorePage(setting, figures, rows);
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'report.md'), page);
  writeFileSync(join(values.out, 'answers.svg'), auditStorePlot(rows));
  writeFileSync(join(values.out, 'results.json'), `${JSON.stringify({ setting, figures, rows }, null, 1)}\n`);
  console.log(page);
} finally {
  await server?.stop();
  if (values.spool === undefined) rmSync(directory, { recursive: true });
}

/** What is in the store; made and shipped if nothing is noted of it. */
async function filled(): Promise<{ readonly load: Load; readonly shipping: number | null }> {
  const note = join(directory, 'load.json');
  if (existsSync(note)) return JSON.parse(readFileSync(note, 'utf8')) as Awaited<ReturnType<typeof filled>>;
  const days = Number(values.days);
  const load = await writeLoad({
    ...{ directory, events: Number(values.events), days, longSession: 50_000 },
    from: Math.floor(Date.now() / DAY) * DAY - days * DAY,
  });
  const shipper = new Shipper({ target, spool: directory, span: 'month' });
  const since = performance.now();
  shipper.start();
  await shipper.stop(TIMEOUT);
  const shipping = (performance.now() - since) / 1_000;
  const client = await connectStore(target, 'bench', TIMEOUT);
  await client.query('vacuum analyze');
  await client.end();
  writeFileSync(note, JSON.stringify({ load, shipping }));
  return { load, shipping };
}

/** In turns, so that what else the machine does is nobody's alone. */
async function measured(questions: readonly Question[]): Promise<readonly QuestionRow[]> {
  const found = new Map<Question, number[]>(questions.map((question) => [question, []]));
  for (let time = -1; time < Number(values.times); time += 1) {
    for (const [question, times] of found) {
      const since = performance.now();
      await question.ask(time + 1);
      if (time >= 0) times.push(performance.now() - since); // the first is to warm it
    }
  }
  return [...found].map(([{ page, what }, times]) => ({
    ...{ page, what, p50: quantile(times, 0.5), p99: quantile(times, 0.99), max: Math.max(...times) },
  }));
}

async function sizesOf() {
  const client = await connectStore(target, 'bench', TIMEOUT);
  const { rows } = await client.query<{ store: string; terms: string }>(SIZES);
  await client.end();
  const files = listStreams(directory).flatMap((name) =>
    listSegments(streamDirectory(directory, name)).map((number) =>
      join(streamDirectory(directory, name), segmentName(number)),
    ),
  );
  const spool = files.reduce((sum, file) => sum + statSync(file).size, 0);
  return { spool, store: Number(rows[0]?.store), terms: Number(rows[0]?.terms) };
}
