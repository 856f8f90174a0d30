/** What `postern triage` learns from the trail's requests, and is held against. */

import { ownExamples, type TriageExample } from '../classifier/triage/examples.ts';
import { readTriageFolder, SHIPPED_TRIAGE, writeTriageFolder } from '../classifier/triage/model-folder.ts';
import { Triage } from '../classifier/triage/triage.ts';
import {
  challengerOf,
  compareTriage,
  type TriageComparison,
} from '../classifier/triage/triage-challenger.ts';
import { decidedExamples } from '../server/triage/learning/decided-examples.ts';
import { trailRequests } from '../server/triage/learning/trail-requests.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf } from './issuer.ts';
import { table } from './table.ts';

export interface TrailOptions {
  readonly trail?: true;
  readonly from: string;
  readonly config?: string;
  readonly out: string;
  readonly seed: number;
  readonly json?: boolean;
}

/** A model that reviewers' decisions have corrected. */
export async function correctTriage({ from, config, out, seed, json }: TrailOptions): Promise<void> {
  const champion = readTriageFolder(from);
  const requests = await trailRequests(configOf(config).audit.spool);
  const decided = decidedExamples(requests, Triage.of(champion.model));
  const model = corrected(() => challengerOf(champion.model, decided, seed));
  const data = { ...champion.facts.data, decided: decided.length };
  const facts = writeTriageFolder(out, model, { seed, data });
  if (json) console.log(JSON.stringify({ out, ...facts }));
  else console.log(`${out}: ${facts.sha256.slice(0, 12)}, corrected by ${decided.length} decided requests`);
}

function corrected<T>(work: () => T): T {
  try {
    return work();
  } catch (fault) {
    throw fault instanceof RangeError ? new ExitError(EXIT.failed, fault.message) : fault;
  }
}

export interface OpposeOptions {
  readonly model?: string;
  readonly against: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** Exit code 1: the model is worse than `against`. Without a configuration there is no trail. */
export async function opposeTriage(
  options: OpposeOptions,
  data: readonly TriageExample[] | null,
): Promise<void> {
  const { model = SHIPPED_TRIAGE, against, config, json } = options;
  const [champion, challenger] = [readTriageFolder(against).model, readTriageFolder(model).model];
  const isConfigured = config !== undefined || process.env.POSTERN_CONFIG !== undefined;
  const requests = isConfigured ? await trailRequests(configOf(config).audit.spool) : [];
  const comparison = compareTriage(champion, challenger, {
    labelled: data ?? ownExamples(),
    decided: decidedExamples(requests, Triage.of(champion)),
  });
  console.log(json ? JSON.stringify(comparison) : comparisonText(comparison));
  if (comparison.worse.length > 0) process.exitCode = EXIT.failed;
}

function comparisonText({ champion, challenger, worse }: TriageComparison): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const rows = (['labelled', 'decided'] as const).flatMap((name) => {
    const [before, now] = [champion[name], challenger[name]];
    return [
      [`decisions, of ${now.requests} ${name} requests`, percent(before.decision), percent(now.decision)],
      ['first intents', percent(before.anyIntent), percent(now.anyIntent)],
      ['refused ones granted at once', `${before.deniedAutoApproved}`, `${now.deniedAutoApproved}`],
      [
        'reviewed ones granted at once',
        percent(before.reviewedAutoApproved),
        percent(now.reviewedAutoApproved),
      ],
    ];
  });
  const verdict =
    worse.length === 0 ? ['the challenger is at least as good'] : worse.map((each) => `worse: ${each}`);
  return [table(['', 'CHAMPION', 'CHALLENGER'], rows), ...verdict].join('\n');
}
