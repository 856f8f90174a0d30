import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { ModelStore } from '../access/model-store.ts';
import { openScorer } from '../classifier/scorer.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf, withIssuer } from './issuer.ts';

interface PromoteOptions {
  readonly config?: string;
  readonly back?: true;
  readonly configured?: true;
  readonly json?: true;
}

/** What makes a model; see classifier/model-files.ts. */
const FILES = ['statement.onnx', 'session.onnx', 'model.json'];

/** `postern risk promote`: the model that all nodes use, changed without a restart. */
export function promoteCommand(): Command {
  return new Command('promote')
    .description('have all nodes use another model, within seconds and without a restart')
    .argument('[folder]', 'a model of risk train')
    .addOption(new Option('--back', 'the one before').conflicts('configured'))
    .option('--configured', "the one of each node's configuration")
    .option('--config <file>', 'configuration (default: $POSTERN_CONFIG or ./postern.yaml)')
    .option('--json', 'for programs')
    .action(promote);
}

async function promote(folder: string | undefined, options: PromoteOptions): Promise<void> {
  if ((folder === undefined) === !(options.back || options.configured))
    throw new ExitError(EXIT.usage, 'name the folder of a model, or say --back or --configured');
  const now = await withIssuer(configOf(options.config), ({ models }) => change(models, folder, options));
  console.log(options.json ? JSON.stringify({ model: now }) : `all nodes use ${now}`);
}

async function change(
  models: ModelStore,
  folder: string | undefined,
  { back }: PromoteOptions,
): Promise<string> {
  if (folder !== undefined) return promoteFolder(models, folder);
  if (back && (await models.goBack())) return 'the model before';
  await models.withdraw();
  return 'the model of their configuration';
}

async function promoteFolder(models: ModelStore, folder: string): Promise<string> {
  const scorer = await openScorer(folder).catch((fault: unknown) => {
    throw new ExitError(EXIT.failed, fault instanceof Error ? fault.message : String(fault));
  });
  const files = await Promise.all(
    FILES.map(async (name) => [name, (await readFile(join(folder, name))).toString('base64')] as const),
  );
  await models.promote(Object.fromEntries(files));
  return `model ${scorer.files.id}`;
}
