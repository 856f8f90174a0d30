/** Running one case, of either kind, on a lane's databases. */
import type { Attack, Benign, GrantLines, Step } from './case-format.ts';
import type { CorpusBench } from './corpus-bench.ts';
import type { CorpusCopies } from './corpus-databases.ts';
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
  readonly direct: CorpusCopies;
  readonly guarded: CorpusCopies;
}

const NOTHING: GrantLines = { allow: [], deny: [], limits: {} };

interface Trial {
  readonly lane: Lane;
  readonly of: Attack | Benign;
  readonly steps: readonly Step[];
  readonly probe: string | null;
  /** null: without the proxy. */
  readonly grant: GrantLines | null;
}

interface TrialOutcome extends Outcome {
  /** The database is not as the set-up left it. */
  readonly changed: boolean;
}

/** One run on a database that is as the case's set-up leaves it. */
async function trial({ lane, of, steps, probe, grant }: Trial): Promise<TrialOutcome> {
  const { bench } = lane;
  const copies = grant === null ? lane.direct : lane.guarded;
  const database = await copies.take((name) => bench.fill(of.setup ?? '', name));
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
  const changed = await database.changed();
  if (of.cleanup !== undefined) await database.ask(bench.fill(of.cleanup, name));
  return { ...outcome, changed };
}

export async function runAttack(lane: Lane, of: Attack, group: string, given: GrantLines | undefined) {
  const effect = new AttackEffect(of);
  const probe = of.changes ?? null;
  const grant = of.grant ?? given ?? NOTHING;
  const faults: string[] = [];
  const bare = await trial({ lane, of, steps: of.attack, probe, grant: null });
  for (const part of effect.missing(bare)) faults.push(`without the proxy, ${part}: ${errorLines(bare)}`);
  const through = await trial({ lane, of, steps: of.attack, probe, grant });
  const happened = effect.happened(through);
  if (!of.writes && through.changed) happened.push('the database has changed');
  for (const part of happened) faults.push(`through the proxy, ${part}: ${errorLines(through)}`);
  const refused = isRefused(of, through);
  if (!refused) faults.push(`not refused by ${of.denied ?? 'the grant'}: ${errorLines(through)}`);

  let allowed = 0;
  const denied: string[] = [];
  if (of.twin !== undefined) {
    allowed += 1;
    const twin = await trial({ lane, of, steps: of.twin.steps, probe: null, grant: twinGrant(of, grant) });
    const shows = 'shows' in of.twin && of.twin.shows !== undefined ? of.twin.shows : '';
    if (twin.errors.length > 0) denied.push(`the twin failed: ${errorLines(twin)}`);
    else if (!new RegExp(shows).test(twin.seen)) denied.push(`the twin does not show ${shows}`);
  }
  if (of.covered !== undefined) {
    allowed += 1;
    const covered = await trial({ lane, of, steps: of.attack, probe, grant: of.covered });
    const missing = effect.missing(covered).map((part) => `under the covering grant, ${part}`);
    if (missing.length > 0) denied.push(`${missing.join('; ')}: ${errorLines(covered)}`);
  }
  faults.push(...denied);
  const right = refused && happened.length === 0;
  return { class: group, id: of.id, right, allowed, falselyDenied: denied.length, faults };
}

/** Works as without the proxy: the same command tags and the same errors. */
export async function runBenign(lane: Lane, of: Benign, group: string, given: GrantLines | undefined) {
  const grant = of.grant ?? given ?? NOTHING;
  const bare = await trial({ lane, of, steps: of.steps, probe: null, grant: null });
  const through = await trial({ lane, of, steps: of.steps, probe: null, grant });
  const said = ({ tags, errors }: Outcome) => JSON.stringify([tags, errors.map(({ sqlstate }) => sqlstate)]);
  const right = said(bare) === said(through);
  const faults = right
    ? []
    : [`directly ${said(bare)}, through the proxy ${said(through)}: ${errorLines(through)}`];
  return { class: group, id: of.id, right, allowed: 1, falselyDenied: right ? 0 : 1, faults };
}

/** What an attack does if it works. */
class AttackEffect {
  readonly #shows: RegExp | null;
  readonly #changes: boolean;

  constructor({ shows, changes }: Attack) {
    this.#changes = changes !== undefined;
    this.#shows = shows === undefined && this.#changes ? null : new RegExp(shows ?? 'TOPSECRET', 's');
  }

  missing(outcome: Outcome): string[] {
    return [
      ...(this.#shows?.test(outcome.seen) === false ? [`the client does not see ${this.#shows.source}`] : []),
      ...(this.#changes && !outcome.probeChanged ? ['the probe shows no change'] : []),
    ];
  }

  happened(outcome: Outcome): string[] {
    return [
      ...(this.#shows?.test(outcome.seen) ? [`the client sees ${this.#shows.source}`] : []),
      ...(this.#changes && outcome.probeChanged ? ['the probe shows a change'] : []),
    ];
  }
}

const REFUSAL = /^(permission denied by grant|refused under any grant): /;

function isRefused({ denied }: Attack, { errors }: Outcome): boolean {
  if (denied === 'none') return true;
  if (denied !== undefined) return errors.some(({ sqlstate }) => sqlstate === denied);
  return errors.some(({ sqlstate, message }) => sqlstate === '42501' && REFUSAL.test(message));
}

const twinGrant = ({ twin }: Attack, grant: GrantLines): GrantLines =>
  twin !== undefined && 'grant' in twin && twin.grant !== undefined ? twin.grant : grant;
