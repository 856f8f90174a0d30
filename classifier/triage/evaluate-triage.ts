/** How well triage does on labelled requests: with folds that divide no template, or with a given model. */
import { foldsOf } from '../learning/folds.ts';
import type { TriageExample } from './examples.ts';
import { FIT, type FitOptions, fitTriage } from './fit-triage.ts';
import { DECISIONS, type TriageDecision, type TriageRequest, type TriageResult } from './request.ts';
import { Triage } from './triage.ts';

export interface Judged {
  readonly example: TriageExample;
  readonly result: TriageResult;
}

/** Shares of 0 to 1, and counts. */
export interface TriageFigures {
  readonly requests: number;
  readonly decision: number;
  /** The first intent is the first of the label. */
  readonly topIntent: number;
  /** The first intent is one of the label. */
  readonly anyIntent: number;
  readonly risk: number;
  readonly actions: number;
  /** Of the requests that name their relations: exactly these. */
  readonly scope: number;
  readonly scopes: number;
  readonly deniedAutoApproved: number;
  /** Share of those labelled needs_review. */
  readonly reviewedAutoApproved: number;
  /** By label, then by outcome. */
  readonly outcomes: Readonly<Record<TriageDecision, Readonly<Record<TriageDecision, number>>>>;
}

export const FOLDS = 5;

/** Each request by a model that has seen nothing of its template; `own` is always part of the training. */
export function judgedByFolds(
  examples: readonly TriageExample[],
  own: readonly TriageExample[],
  options: FitOptions = FIT,
  progress: (message: string) => void = () => {},
): readonly Judged[] {
  const folds = foldsOf(
    examples.map(({ group }) => group),
    FOLDS,
  );
  return Array.from({ length: FOLDS }, (_, fold) => {
    progress(`fold ${fold + 1} of ${FOLDS}`);
    const model = fitTriage([...examples.filter(({ group }) => folds.get(group) !== fold), ...own], options);
    return judged(
      Triage.of(model),
      examples.filter(({ group }) => folds.get(group) === fold),
    );
  }).flat();
}

export const judged = (triage: Triage, examples: readonly TriageExample[]): readonly Judged[] =>
  examples.map((example) => ({ example, result: triage.triage(example.request) }));

export function triageFigures(all: readonly Judged[]): TriageFigures {
  const share = (some: readonly Judged[], holds: (each: Judged) => boolean) =>
    some.length === 0 ? 0 : some.filter(holds).length / some.length;
  const named = all.filter(({ example }) => example.scope.length > 0);
  const labelled = (decision: TriageDecision) => all.filter(({ example }) => example.decision === decision);
  const autoApproved = ({ result }: Judged) => result.decision === 'auto_approve';
  return {
    requests: all.length,
    decision: share(all, ({ example, result }) => result.decision === example.decision),
    topIntent: share(all, ({ example, result }) => result.intents[0] === example.intents[0]),
    anyIntent: share(all, ({ example, result }) =>
      example.intents.some((intent) => intent === result.intents[0]),
    ),
    risk: share(all, ({ example, result }) => result.risk === example.risk),
    actions: share(all, ({ example, result }) => isSameSet(example.actions, result.actions)),
    scope: share(named, ({ example, result }) => isSameSet(example.scope, result.scope)),
    scopes: named.length,
    deniedAutoApproved: labelled('deny').filter(autoApproved).length,
    reviewedAutoApproved: share(labelled('needs_review'), autoApproved),
    outcomes: outcomesOf(all),
  };
}

function outcomesOf(all: readonly Judged[]): TriageFigures['outcomes'] {
  const row = (label: TriageDecision) =>
    Object.fromEntries(
      DECISIONS.map((decision) => [
        decision,
        all.filter(({ example, result }) => example.decision === label && result.decision === decision)
          .length,
      ]),
    ) as Record<TriageDecision, number>;
  return { auto_approve: row('auto_approve'), needs_review: row('needs_review'), deny: row('deny') };
}

const isSameSet = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((each) => other.includes(each));

/** Of so many runs the fastest counts: what else the machine does is no part of it. */
const RUNS = 5;

/** Microseconds a request, each alone, after a round to warm up. */
export function triageLatency(
  triage: Triage,
  examples: readonly TriageExample[],
): { readonly p50: number; readonly p99: number } {
  for (const { request } of examples) triage.triage(request);
  const once = (request: TriageRequest): number => {
    const before = process.hrtime.bigint();
    triage.triage(request);
    return Number(process.hrtime.bigint() - before) / 1000;
  };
  const times = Float64Array.from(examples, ({ request }) =>
    Math.min(...Array.from({ length: RUNS }, () => once(request))),
  ).sort();
  const at = (share: number) => Math.round(times[Math.floor(share * times.length)] ?? 0);
  return { p50: at(0.5), p99: at(0.99) };
}
