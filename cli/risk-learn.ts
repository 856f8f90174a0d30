import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { readSpool } from '../audit/reader.ts';
import type { Config } from '../server/config.ts';
import { statementsIn } from '../server/risk/learning/log-statements.ts';
import { Teacher } from '../server/risk/learning/teacher.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf, withIssuer } from './issuer.ts';

interface LearnOptions {
  readonly config?: string;
  readonly db?: string;
  readonly team: string[];
  readonly principal: string[];
  readonly trail?: true;
  readonly json?: true;
}

const several = (name: string, names: string[]): string[] => [...names, name];

/** `postern risk learn`: what is usual, from logs that there are. */
export function learnCommand(): Command {
  return new Command('learn')
    .description('take what logs have for usual: csvlog, jsonlog, dumps of pg_stat_statements, our own trail')
    .argument('[file...]', 'logs of PostgreSQL or dumps of pg_stat_statements (CSV with a header, or JSON)')
    .option('--trail', 'learn from the statements that our own trail has as allowed')
    .option('--db <name>', 'the database, as the configuration names it; needed for files')
    .option('--team <name>', 'usual for this team too', several, [])
    .option('--principal <name>', 'usual for this principal too', several, [])
    .option('--config <file>', 'configuration (default: $POSTERN_CONFIG or ./postern.yaml)')
    .option('--json', 'for programs')
    .action(learn);
}

async function learn(files: readonly string[], options: LearnOptions): Promise<void> {
  const config = configOf(options.config);
  if (files.length === 0 && !options.trail) throw new ExitError(EXIT.usage, 'name a file, or --trail');
  if (files.length > 0 && (options.db === undefined || !Object.hasOwn(config.databases, options.db)))
    throw new ExitError(EXIT.usage, `--db has to be one of ${Object.keys(config.databases).join(', ')}`);
  const taught = await withIssuer(config, async ({ habits }) => {
    const teacher = new Teacher(habits);
    for (const file of files) await learnFile(teacher, file, config, options);
    if (options.trail) await learnTrail(teacher, config, options.team);
    await habits.flush();
    if (!habits.reachable) throw new ExitError(EXIT.failed, 'Redis is out of reach: not all was learned');
    return teacher.taught;
  });
  console.log(options.json ? JSON.stringify({ taught }) : `${taught} forms of statements are usual now`);
}

async function learnFile(
  teacher: Teacher,
  file: string,
  config: Config,
  options: LearnOptions,
): Promise<void> {
  const { db = '', team, principal } = options;
  const upstream = config.databases[db]?.database;
  try {
    for (const statement of statementsIn(readFileSync(file, 'utf8')))
      if (statement.database === null || statement.database === upstream)
        await teacher.logged(statement, { database: db, teams: team, principals: principal });
  } catch (fault) {
    throw new ExitError(EXIT.usage, `${file}: ${fault instanceof Error ? fault.message : String(fault)}`);
  }
}

/** What sessions did that raised no alarm. */
async function learnTrail(teacher: Teacher, { audit }: Config, teams: readonly string[]): Promise<void> {
  const alarmed = new Set<string>();
  for await (const event of readSpool(audit.spool, { types: ['risk.flag'] }))
    if (event.type === 'risk.flag') alarmed.add(event.session);
  const applications = new Map<string, string | null>();
  for await (const event of readSpool(audit.spool, {
    types: ['session.start', 'session.end', 'statement'],
  })) {
    if (event.type === 'session.start') applications.set(event.session, event.application);
    else if (event.type === 'session.end') applications.delete(event.session);
    else if (event.type === 'statement' && event.decision === 'allow' && !alarmed.has(event.session))
      await teacher.recorded(event, applications.get(event.session) ?? null, teams);
  }
}
