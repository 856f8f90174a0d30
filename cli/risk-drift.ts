import { Command } from 'commander';
import { type DriftReport, driftReport, type ModelCalibration } from '../server/risk/learning/drift.ts';
import { parseDuration } from '../server/units.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf } from './issuer.ts';
import { MODEL_OPTION, type ModelOption, scorerOf } from './risk-input.ts';
import { table } from './table.ts';

interface DriftOptions extends ModelOption {
  readonly config?: string;
  readonly since: string;
  readonly json?: true;
}

/** Features that are shown. */
const MOST_SHOWN = 10;

/** `postern risk drift`: has traffic moved away from what the model was trained on? */
export function driftCommand(): Command {
  return new Command('drift')
    .description(
      "how far the trail's statements have moved from those the model was trained on; exit code 1: act",
    )
    .option('--since <duration>', 'the window, until now', '7d')
    .option(...MODEL_OPTION)
    .option('--config <file>', 'configuration (default: $POSTERN_CONFIG or ./postern.yaml)')
    .option('--json', 'for programs')
    .action(drift);
}

async function drift(options: DriftOptions): Promise<void> {
  const window = parseDuration(options.since);
  if (window === null) throw new ExitError(EXIT.usage, '--since takes a duration such as 12h or 7d');
  const { audit } = configOf(options.config);
  const report = await driftReport(audit.spool, await scorerOf(options), Date.now() - window);
  console.log(options.json ? JSON.stringify(report) : textOf(report));
  const moved = report.drifts?.some(({ state }) => state === 'act');
  const off = report.calibration?.causes.some(({ later }) => later?.differs);
  if (moved || off) process.exitCode = EXIT.failed;
}

function textOf({ statements, forms, unseen, alarms, verdicts, drifts, calibration }: DriftReport): string {
  const share = unseen === null ? 'nothing came before' : `${percent(unseen)} of the forms are new`;
  const lines = [
    `${statements} statements of ${forms} forms; ${share}`,
    `${alarms} alarms; called true: ${verdicts.true}, false: ${verdicts.false}`,
    ...calibrationLines(calibration),
  ];
  if (drifts === null) return [...lines, 'too few forms of statements to tell drift'].join('\n');
  const rows = drifts.slice(0, MOST_SHOWN).map(({ name, index, state }) => [name, index.toFixed(3), state]);
  return [...lines, table(['FEATURE', 'PSI', 'STATE'], rows)].join('\n');
}

function calibrationLines(calibration: ModelCalibration | null): readonly string[] {
  if (calibration === null) return ['calibration: no alarm was judged'];
  return calibration.causes.map(({ cause, judged, true: bad, later }) => {
    const lead = `calibration of model ${calibration.model}, alarms by ${cause}: ${bad} of ${judged} judged are true;`;
    if (later === null) return `${lead} too few to tell more`;
    const { sessions, observed, expected, error, differs } = later;
    const apart = error === null ? '' : `, error by score ${error.toFixed(3)}`;
    const state = differs ? 'act' : 'steady';
    return `${lead} of the last ${sessions} sessions' ${percent(observed)}, promised ${percent(expected)}${apart}: ${state}`;
  });
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
