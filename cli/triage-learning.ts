import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { FOLDS, judged, judgedByFolds, triageLatency } from '../classifier/triage/evaluate-triage.ts';
import { ownExamples, readExamples, type TriageExample } from '../classifier/triage/examples.ts';
import { FIT, fitTriage } from '../classifier/triage/fit-triage.ts';
import { openTriage, SHIPPED_TRIAGE, writeTriageFolder } from '../classifier/triage/model-folder.ts';
import { triageReport, writeTriageReport } from '../classifier/triage/triage-report.ts';
import { EXIT, ExitError } from './exit.ts';
import { correctTriage, opposeTriage, type TrailOptions } from './triage-trail.ts';

interface LearningOptions extends TrailOptions {
  readonly data?: string;
  readonly model?: string;
  readonly against?: string;
}

const DATA = 'labelled requests, lines {"id", "text", "lang", "template", "requester", "requested", "gold"}';

/** `postern triage train`: the same data and seed give the same bytes. */
export function triageTrainCommand(): Command {
  return new Command('train')
    .description('train a triage model; the same data and seed give the same bytes')
    .option('--data <file>', `${DATA}; default: the examples that come with Postern alone`)
    .addOption(
      new Option(
        '--trail',
        "correct a model by what reviewers decided on our own trail's requests",
      ).conflicts('data'),
    )
    .option('--from <folder>', 'with --trail: the model that is corrected', SHIPPED_TRIAGE)
    .option('--config <file>', 'with --trail: configuration (default: $POSTERN_CONFIG or ./postern.yaml)')
    .requiredOption('--out <folder>', 'where the model goes')
    .option('--seed <number>', 'of everything random', Number, FIT.seed)
    .option('--json', 'for programs')
    .action((_, command: Command) => {
      const options: LearningOptions = command.optsWithGlobals();
      return options.trail ? correctTriage(options) : train(options);
    });
}

/** `postern triage eval`: a report on requests that the model has not seen. */
export function triageEvalCommand(): Command {
  return (
    new Command('eval')
      .description(
        `measure triage, by ${FOLDS} folds that divide no template; writes report.md and report.json`,
      )
      .option('--data <file>', `${DATA}; default: the examples that come with Postern`)
      .option('--out <folder>', 'where the report goes')
      .option('--model <folder>', 'measure this model, instead of one for each fold')
      .option(
        '--against <folder>',
        "compare with this model, on --data, and on what reviewers decided on the trail's requests that no challenger learns from; exit code 1: the model is worse",
      )
      .option('--config <file>', 'with --against: whose trail has the requests')
      .option('--seed <number>', 'of everything random', Number, FIT.seed)
      .option('--json', 'for programs')
      // `postern triage` has some of these options itself, and takes them.
      .action((_, command: Command) => {
        const options: LearningOptions = command.optsWithGlobals();
        const { against } = options;
        return against === undefined
          ? measure(options)
          : opposeTriage({ ...options, against }, dataOf(options));
      })
  );
}

function train(options: LearningOptions): void {
  const data = dataOf(options);
  const own = ownExamples();
  const { seed, json } = options;
  const model = fitTriage([...(data ?? []), ...own], { ...FIT, seed });
  const facts = writeTriageFolder(options.out, model, {
    seed,
    data: { own: own.length, given: data?.length ?? 0 },
  });
  if (json) console.log(JSON.stringify({ out: options.out, ...facts }));
  else
    console.log(
      `${options.out}: ${facts.sha256.slice(0, 12)}, of ${own.length + (data?.length ?? 0)} requests`,
    );
}

function measure(options: LearningOptions): void {
  if (options.out === undefined)
    throw new ExitError(EXIT.usage, 'name --out, or another model with --against');
  const data = dataOf(options);
  const { model, seed } = options;
  const examples = data ?? ownExamples();
  const own = data === null ? [] : ownExamples();
  const all =
    model === undefined
      ? judgedByFolds(examples, own, { ...FIT, seed }, (message) => console.error(message))
      : judged(openTriage(model), examples);
  const note =
    model === undefined
      ? `${FOLDS} folds; no template is on both sides. The model is held out by this, the rules and lexicons are not: the model card says what they were written on.`
      : 'With one model: of its training data this says nothing.';
  const report = triageReport(all, note, triageLatency(openTriage(model ?? SHIPPED_TRIAGE), examples));
  const files = writeTriageReport(options.out, report);
  if (options.json) console.log(JSON.stringify({ files, ...report.all, latency: report.latency }));
  else for (const file of files) console.log(file);
}

/** null: none is given. */
function dataOf({ data, seed }: LearningOptions): readonly TriageExample[] | null {
  if (!Number.isInteger(seed)) throw new ExitError(EXIT.usage, '--seed takes a whole number');
  if (data === undefined) return null;
  if (!existsSync(data)) throw new ExitError(EXIT.usage, `there is no file ${data}`);
  return readExamples(data);
}
