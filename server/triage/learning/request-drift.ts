/** How far what people ask, and what reviewers make of it, has moved away from before. */
import { ACT, binsOf, stabilityIndex } from '../../../classifier/drift/psi.ts';
import { type Drift, driftAt } from '../../../classifier/drift/reference.ts';
import { FEATURES, inputOf } from '../../../classifier/triage/features.ts';
import { groundsOf } from '../../../classifier/triage/grounds.ts';
import { readingOf } from '../../../classifier/triage/reading.ts';
import type { TriageRequest } from '../../../classifier/triage/request.ts';
import type { Triage } from '../../../classifier/triage/triage.ts';
import type { TrailRequest } from './trail-requests.ts';

export interface RequestDrift {
  /** In the window, and before it. */
  readonly requests: number;
  readonly before: number;
  /** Shares of those in the window: a person has to look at the text; some of it is in no language that is read. */
  readonly doubtful: number | null;
  readonly foreign: number | null;
  /** What people decided in the window, and how often triage would have had it otherwise, either way. */
  readonly decided: number;
  /** Denied, though triage would have granted them at once. */
  readonly tooLenient: number;
  /** Approved as asked, though triage would have refused them. */
  readonly tooStrict: number;
  /** Features and the risk score, the most drifted first; null: too few requests to tell. */
  readonly drifts: readonly Drift[] | null;
  /** Whether there is something to be done: train anew, or look at the rules. */
  readonly act: boolean;
}

/** Fewer say nothing: the index of two samples of one distribution is then often above a tenth. */
const LEAST = 200;

/** `since`: Unix ms. */
export function requestDrift(all: readonly TrailRequest[], triage: Triage, since: number): RequestDrift {
  const recent = all.filter(({ at }) => at >= since);
  const earlier = all.filter(({ at }) => at < since);
  const results = recent.map((each) => ({ ...each, result: triage.triage(each.request) }));
  const share = (count: number) => (recent.length === 0 ? null : count / recent.length);
  const drifts = driftsOf(earlier, recent, triage);
  const tooLenient = results.filter(
    ({ verdict, result }) => verdict === 'denied' && result.decision === 'auto_approve',
  ).length;
  return {
    requests: recent.length,
    before: earlier.length,
    doubtful: share(results.filter(({ result }) => result.doubtful).length),
    foreign: share(recent.filter(({ request }) => readingOf(request).remarks.foreign).length),
    decided: recent.filter(({ verdict }) => verdict !== 'policy').length,
    tooLenient,
    tooStrict: results.filter(({ verdict, result }) => verdict === 'approved' && result.decision === 'deny')
      .length,
    drifts,
    act: tooLenient > 0 || (drifts?.some(({ index }) => index >= ACT) ?? false),
  };
}

function driftsOf(
  earlier: readonly TrailRequest[],
  recent: readonly TrailRequest[],
  triage: Triage,
): readonly Drift[] | null {
  if (earlier.length < LEAST || recent.length < LEAST) return null;
  const rows = (some: readonly TrailRequest[]) => some.map(({ request }) => rowOf(request));
  const [before, now] = [rows(earlier), rows(recent)];
  const scores = (some: readonly TrailRequest[]) =>
    Float64Array.from(some, ({ request }) => triage.triage(request).riskScore);
  const features = FEATURES.map((name, at) => {
    const values = (of: readonly Float32Array[]) => Float64Array.from(of, (row) => row[at] as number);
    return driftAt(name, stabilityIndex(binsOf(values(before)), values(now)));
  });
  const score = driftAt('risk score', stabilityIndex(binsOf(scores(earlier)), scores(recent)));
  return [...features, score].sort((a, b) => b.index - a.index);
}

function rowOf(request: TriageRequest): Float32Array {
  const reading = readingOf(request);
  return inputOf(reading, groundsOf(reading)).row;
}
