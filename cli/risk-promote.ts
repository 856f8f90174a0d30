import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { ModelStore } from '../access/model-store.ts';
import { type Comparison, compare } from '../classifier/evaluation/comparison.ts';
import type { Scorer } from '../classifier/scorer.ts';
import type { Config } from '../server/config.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf, withIssuer } from './issuer.ts';
import { scorerOf } from './risk-input.ts';
import { comparisonLines, trialOf } from './risk-trial.ts';

interface PromoteOptions {
  readonly config?: string;
  readonly data?: string;
  readonly force?: true;
  readonly back?: true;
  readonly configured?: true;
  readonly json?: true;
}

/** What makes a model; see classifier/model-files.ts. */
const FILES = ['statement.onnx', 'session.onnx', 'model.json'];

/** `postern risk promote`: the model that all nodes use, changed without a restart. */
export function promoteCommand(): Command {
  return new Command('promote')
    .description(
      'have all nodes use another model, within seconds and without a restart, if it is at least as good',
    )
    .argument('[folder]', 'a model of risk train')
    .option(
      '--data <folder>',
      'labelled data that it has not seen, to compare it on; see risk eval --against',
    )
    .option('--force', 'without a comparison with the one in use')
    .addOption(new Option('--back', 'the one before').conflicts('configured'))
    .option('--configured', "the one of each node's configuration")
    .option('--config <file>', 'configuration (default: $POSTERN_CONFIG or ./postern.yaml)')
    .option('--json', 'for programs')
    .action(promote);
}

async function promote(folder: string | undefined, options: PromoteOptions): Promise<void> {
  if ((folder === undefined) === !(options.back || options.configured))
    throw new ExitError(EXIT.usage, 'name the folder of a model, or say --back or --configured');
  const config = configOf(options.config);
  const now = await withIssuer(config, ({ models }) =>
    folder === undefined ? goBack(models, options) : promoteFolder(models, folder, config, options),
  );
  console.log(options.json ? JSON.stringify(now) : `all nodes use ${now.model}`);
}

interface Promoted {
  readonly model: string;
  readonly comparison?: Comparison;
}

async function goBack(models: ModelStore, { back }: PromoteOptions): Promise<Promoted> {
  if (back && (await models.goBack())) return { model: 'the model before' };
  await models.withdraw();
  return { model: 'the model of their configuration' };
}

async function promoteFolder(
  models: ModelStore,
  folder: string,
  config: Config,
  { data, force, json }: PromoteOptions,
): Promise<Promoted> {
  const challenger = await scorerOf({ model: folder });
  const comparison = force ? null : await contest(await inUse(models, config), challenger, config, data);
  if (comparison !== null && !json) console.error(comparisonLines(comparison).join('\n'));
  const files = await Promise.all(
    FILES.map(async (name) => [name, (await readFile(join(folder, name))).toString('base64')] as const),
  );
  await models.promote(Object.fromEntries(files));
  const model = `model ${challenger.files.id}`;
  return comparison === null ? { model } : { model, comparison };
}

/** Throws where the challenger is not at least as good. */
async function contest(
  champion: Scorer,
  challenger: Scorer,
  config: Config,
  data: string | undefined,
): Promise<Comparison> {
  const comparison = compare(champion, challenger, await trialOf(config, data, challenger));
  if (comparison.worse.length === 0) return comparison;
  throw new ExitError(
    EXIT.failed,
    `it is not as good as model ${champion.files.id}, which is in use (--force promotes it all the same): ${comparison.worse.join('; ')}`,
  );
}

/** The promoted model, else that of the configuration. */
async function inUse(models: ModelStore, { risk }: Config): Promise<Scorer> {
  const files = await models.read();
  const configured = risk?.model ?? 'builtin';
  if (files === null) return scorerOf({ model: configured });
  const folder = await mkdtemp(join(tmpdir(), 'postern-model-'));
  try {
    for (const [name, bytes] of Object.entries(files))
      await writeFile(join(folder, name), Buffer.from(bytes, 'base64'));
    return await scorerOf({ model: folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
