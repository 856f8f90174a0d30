/** A triage model that reviewers' decisions have corrected, and whether it may take the place of the one before. */
import { isHeldBackForm } from '../learning/held-back.ts';
import { judged, type TriageFigures, triageFigures } from './evaluate-triage.ts';
import { ownExamples, type TriageExample } from './examples.ts';
import { FIT, fitTriage } from './fit-triage.ts';
import { folded } from './folding.ts';
import { Triage } from './triage.ts';
import type { TriageModel } from './triage-model.ts';

/** Few, so that what the champion knows is kept. */
const ROUNDS = 4;

/** The wording without names and numbers: what people write by a template, all of it is held back or none. */
export const formOf = (text: string): string =>
  folded(text)
    .replace(/[\w.$-]*[\d._][\w.$-]*/g, '0')
    .replace(/\s+/g, ' ')
    .trim();

const isHeldBack = ({ group }: TriageExample): boolean => isHeldBackForm(group);

/** Throws a RangeError where people have decided nothing to learn from. */
export function challengerOf(
  champion: TriageModel,
  decided: readonly TriageExample[],
  seed: number,
): TriageModel {
  const learnt = decided.filter((example) => !isHeldBack(example));
  if (learnt.length === 0)
    throw new RangeError('too few requests have been decided by people: there is nothing to learn');
  return fitTriage([...ownExamples(), ...learnt], { ...FIT, seed, rounds: ROUNDS, from: champion });
}

export interface TriageComparison {
  readonly champion: TriageTrial;
  readonly challenger: TriageTrial;
  /** Sentences: where the challenger is not as good. Empty: it may take the place. */
  readonly worse: readonly string[];
}

interface TriageTrial {
  /** On labelled requests. */
  readonly labelled: TriageFigures;
  /** On those that people have decided, and no challenger has learnt from. */
  readonly decided: TriageFigures;
}

/** Shares that differ by less are noise. */
const TOLERANCE = 0.005;

export function compareTriage(
  champion: TriageModel,
  challenger: TriageModel,
  {
    labelled,
    decided,
  }: { readonly labelled: readonly TriageExample[]; readonly decided: readonly TriageExample[] },
): TriageComparison {
  const heldBack = decided.filter(isHeldBack);
  const trial = (model: TriageModel): TriageTrial => ({
    labelled: triageFigures(judged(Triage.of(model), labelled)),
    decided: triageFigures(judged(Triage.of(model), heldBack)),
  });
  const [before, after] = [trial(champion), trial(challenger)];
  return {
    champion: before,
    challenger: after,
    worse: (['labelled', 'decided'] as const).flatMap((name) =>
      worseIn(
        name === 'labelled' ? 'labelled requests' : 'requests that people have decided',
        before[name],
        after[name],
      ),
    ),
  };
}

function worseIn(what: string, before: TriageFigures, after: TriageFigures): readonly string[] {
  const more = (name: string, was: number, is: number) =>
    is > was + TOLERANCE ? [`${what}, ${name}: ${told(was)} before, ${told(is)} now`] : [];
  return [
    ...more('refused ones granted at once', before.deniedAutoApproved, after.deniedAutoApproved),
    ...more('reviewed ones granted at once', before.reviewedAutoApproved, after.reviewedAutoApproved),
    ...more('decisions missed', 1 - before.decision, 1 - after.decision),
    ...more('first intents missed', 1 - before.anyIntent, 1 - after.anyIntent),
  ].filter(() => after.requests > 0);
}

const told = (value: number): string =>
  Number.isInteger(value) ? String(value) : `${(100 * value).toFixed(1)} %`;
