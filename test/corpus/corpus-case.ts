/** One run of a case on a lane's databases, and what a benign case's runs must give. */
import type { Attack, Benign, GrantLines, Step } from './case-format.ts';
import type { CorpusBench } from './corpus-bench.ts';
import type { CorpusCopies } from './corpus-copies.ts';
import { errorLines, type Outcome, run } from './corpus-run.ts';

export interface CaseResult {
  readonly class: string;
  readonly id: string;
  /** An attack that was refused; a benign case that worked. */
  readonly right: boolean;
  /** Runs that had to be allowed, and how many of them were not. */
  readonly allowed: number;
  readonly falselyDenied: number;
  /** Sentences; empty if everything was as it should be. */
  readonly faults: readonly string[];
}

export interface Lane {
  readonly bench: CorpusBench;
  readonly copies: CorpusCopies;
}

export const NOTHING: GrantLines = { allow: [], deny: [], limits: {} };

interface Trial {
  readonly lane: Lane;
  readonly of: Attack | Benign;
  readonly steps: readonly Step[];
  readonly probe: string | null;
  /** null: without the proxy. */
  readonly grant: GrantLines | null;
}

export interface TrialOutcome extends Outcome {
  /** The database is not as the set-up left it. */
  readonly changed: boolean;
}

/** One run on a database that is as the case's set-up leaves it. */
export async function trial({ lane, of, steps, probe, grant }: Trial): Promise<TrialOutcome> {
  const { bench, copies } = lane;
  const database = await copies.take({
    setup: (name) => bench.fill(of.setup ?? '', name),
    spoils: grant === null && probe !== null,
  });
  const { name } = database;
  const direct = bench.direct(name);
  const outcome = await run({
    database,
    client: grant === null ? direct : await bench.granted(name, grant),
    direct,
    steps: JSON.parse(bench.fill(JSON.stringify(steps), name)),
    protocol: of.protocol ?? 'simple',
    startup: of.startup ?? {},
    probe: probe && bench.fill(probe, name),
  });
  const changed = await (bench.wall ? database.rowsChanged() : database.changed());
  if (of.cleanup !== undefined) await database.ask(bench.fill(of.cleanup, name));
  return { ...outcome, changed };
}

/** Without the number of rows read: other databases come and go, and some statements list them. */
const said = ({ tags, errors }: Outcome): string =>
  JSON.stringify([
    tags.map((tag) => tag.replace(/^SELECT \d+$/, 'SELECT')),
    errors.map(({ sqlstate }) => sqlstate),
  ]);

const isRefusedByServer = ({ errors: [first] }: Outcome): boolean =>
  first?.sqlstate === '42501' && !/ grant/.test(first.message);

/** Works as without the proxy: the same command tags and the same errors. */
export async function runBenign(lane: Lane, of: Benign, group: string, given: GrantLines | undefined) {
  const grant = of.grant ?? given ?? NOTHING;
  const bare = await trial({ lane, of, steps: of.steps, probe: null, grant: null });
  const through = await trial({ lane, of, steps: of.steps, probe: null, grant });
  const isForOwners = of.owners === true && lane.bench.wall;
  const right = isForOwners ? isRefusedByServer(through) : said(bare) === said(through);
  const faults = right
    ? []
    : [`directly ${said(bare)}, through the proxy ${said(through)}: ${errorLines(through)}`];
  return { class: group, id: of.id, right, allowed: 1, falselyDenied: right ? 0 : 1, faults };
}
