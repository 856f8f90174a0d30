/** All classes of the corpus, or some, in a few lanes at once, each with servers of its own. */
import { type Attack, attackClasses, type Benign, benignClasses, type GrantLines } from './case-format.ts';
import { runAttack } from './corpus-attack.ts';
import type { CorpusBench } from './corpus-bench.ts';
import { type CaseResult, type Lane, runBenign } from './corpus-case.ts';

export type Kind = 'attacks' | 'benign';

/** A class of either kind, ready to run. */
export interface CorpusClass {
  readonly kind: Kind;
  readonly name: string;
  readonly setup: string | undefined;
  readonly cases: readonly CorpusCase[];
}

interface CorpusCase {
  readonly id: string;
  fits(version: number): boolean;
  run(lane: Lane): Promise<CaseResult>;
}

const folder = (kind: Kind): string => new URL(kind, import.meta.url).pathname;

/** `only`: an expression that `class/id` matches. */
export function corpusClasses(kind: Kind, only = /(?:)/): readonly CorpusClass[] {
  const classes =
    kind === 'attacks'
      ? attackClasses(folder(kind)).map((each) => classOf(kind, each, runAttack))
      : benignClasses(folder(kind)).map((each) => classOf(kind, each, runBenign));
  return classes
    .map((each) => ({ ...each, cases: each.cases.filter(({ id }) => only.test(`${each.name}/${id}`)) }))
    .filter(({ cases }) => cases.length > 0);
}

interface Written<C> {
  readonly class: string;
  readonly setup?: string | undefined;
  readonly grant?: GrantLines | undefined;
  readonly cases: readonly C[];
}

function classOf<C extends Attack | Benign>(
  kind: Kind,
  written: Written<C>,
  runCase: (lane: Lane, of: C, group: string, grant: GrantLines | undefined) => Promise<CaseResult>,
): CorpusClass {
  return {
    kind,
    name: written.class,
    setup: written.setup,
    cases: written.cases.map((each) => ({
      id: each.id,
      fits: (version) => version >= (each.since ?? 0) && version <= (each.until ?? version),
      run: (lane) => runCase(lane, each, written.class, written.grant),
    })),
  };
}

export async function runClass(bench: CorpusBench, group: CorpusClass): Promise<readonly CaseResult[]> {
  const template = await bench.template(`${group.kind}/${group.name}`, group.setup);
  const lane: Lane = { bench, copies: bench.copies(template) };
  const results: CaseResult[] = [];
  for (const each of group.cases)
    if (each.fits(bench.version)) results.push(await attempt(group, each.id, () => each.run(lane)));
  await lane.copies.drop();
  return results;
}

/** A case that cannot be run is a fault of its own. */
async function attempt(
  group: CorpusClass,
  id: string,
  runCase: () => Promise<CaseResult>,
): Promise<CaseResult> {
  try {
    return await runCase();
  } catch (fault) {
    const said = fault instanceof Error ? fault.message : String(fault);
    return {
      class: group.name,
      id,
      right: false,
      allowed: 0,
      falselyDenied: 0,
      faults: [`could not be run: ${said}`],
    };
  }
}

/** Classes side by side, one on each bench; the results of each, in the order of the classes, when it has come to its end. */
export function runClasses(
  benches: readonly CorpusBench[],
  classes: readonly CorpusClass[],
): readonly Promise<readonly CaseResult[]>[] {
  const queue = classes.map((group) => ({ group, ...Promise.withResolvers<readonly CaseResult[]>() }));
  const promises = queue.map(({ promise }) => promise);
  const work = async (bench: CorpusBench): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      await runClass(bench, next.group).then(next.resolve, next.reject);
  };
  for (const bench of benches) void work(bench);
  return promises;
}
