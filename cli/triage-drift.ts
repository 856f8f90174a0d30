import { Command } from 'commander';
import { openTriage, SHIPPED_TRIAGE } from '../classifier/triage/model-folder.ts';
import { type RequestDrift, requestDrift } from '../server/triage/learning/request-drift.ts';
import { trailRequests } from '../server/triage/learning/trail-requests.ts';
import { parseDuration } from '../server/units.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf } from './issuer.ts';
import { table } from './table.ts';

interface DriftOptions {
  readonly config?: string;
  readonly since: string;
  readonly model?: string;
  readonly json?: boolean;
}

/** Features that are shown. */
const MOST_SHOWN = 10;

/** `postern triage drift`: do people ask otherwise than before, and do reviewers decide as triage has it? */
export function triageDriftCommand(): Command {
  return (
    new Command('drift')
      .description(
        "how far the trail's requests have moved from those before, and from what triage says of them; exit code 1: act",
      )
      .option('--since <duration>', 'the window, until now', '30d')
      .option('--model <folder>', 'a model of `postern triage train`')
      .option('--config <file>', 'configuration (default: $POSTERN_CONFIG or ./postern.yaml)')
      .option('--json', 'for programs')
      // `postern triage` has some of these options itself, and takes them.
      .action((_, command: Command) => drift(command.optsWithGlobals()))
  );
}

async function drift({ config, since, model, json }: DriftOptions): Promise<void> {
  const window = parseDuration(since);
  if (window === null) throw new ExitError(EXIT.usage, '--since takes a duration such as 12h or 30d');
  const requests = await trailRequests(configOf(config).audit.spool);
  const report = requestDrift(requests, openTriage(model ?? SHIPPED_TRIAGE), Date.now() - window);
  console.log(json ? JSON.stringify(report) : textOf(report));
  if (report.act) process.exitCode = EXIT.failed;
}

function textOf(report: RequestDrift): string {
  const { requests, before, doubtful, foreign, decided, tooLenient, tooStrict, drifts } = report;
  const percent = (share: number | null): string => (share === null ? '-' : `${(100 * share).toFixed(1)} %`);
  const lines = [
    `${requests} requests, ${before} before; texts to be looked at: ${percent(doubtful)}, not read: ${percent(foreign)}`,
    `decided by people: ${decided}; denied, though triage had granted them: ${tooLenient}; approved, though it had refused them: ${tooStrict}`,
  ];
  if (drifts === null) return [...lines, 'too few requests to tell drift'].join('\n');
  const rows = drifts.slice(0, MOST_SHOWN).map(({ name, index, state }) => [name, index.toFixed(3), state]);
  return [...lines, table(['FEATURE', 'PSI', 'STATE'], rows)].join('\n');
}
