import { existsSync, readFileSync } from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import { Command } from 'commander';
import { pino } from 'pino';
import { GrantFormError, type GrantTerms, parseGrantTerms } from '../access/grant.ts';
import { Advice } from '../guardrails/advice.ts';
import { ASSUMED_CATALOG } from '../guardrails/assumed-catalog.ts';
import type { Catalog } from '../guardrails/catalog.ts';
import { decide } from '../guardrails/decide.ts';
import { extract } from '../guardrails/extract.ts';
import { INITIAL_NAMES } from '../guardrails/names.ts';
import { redact } from '../guardrails/redact.ts';
import { CompiledScope } from '../guardrails/scope.ts';
import { ACTIONS } from '../guardrails/types.ts';
import { Catalogs } from '../server/catalogs.ts';
import type { Config } from '../server/config.ts';
import { type DatabaseTerms, termsOf } from '../server/database-terms.ts';
import { EXIT, ExitError } from './exit.ts';
import { explanationOf, explanationText } from './explanation.ts';
import { configOf, withIssuer } from './issuer.ts';

interface ExplainOptions {
  readonly grant: string;
  readonly sql: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** `postern explain`: the decision on a text, without running anything. */
export function command(): Command {
  return new Command('explain')
    .description('what the guardrails decide on a statement, and why; exits with 3 if they refuse it')
    .requiredOption(
      '--grant <file or id>',
      'a grant as JSON, or the id of an active one (then with --config)',
    )
    .requiredOption('--sql <text>', 'the statement, or - for standard input')
    .option('--config <file>', 'look names up in the database that this configuration has for the grant')
    .option('--json', 'for programs')
    .action(explain);
}

async function explain(options: ExplainOptions): Promise<void> {
  const sql = options.sql === '-' ? await textOf(process.stdin) : options.sql;
  const grant = await grantOf(options);
  const { catalog, terms } =
    options.config === undefined ? NO_DATABASE : await askDatabase(configOf(options.config), grant.database);
  const decision = decide({
    facts: extract(sql),
    scope: new CompiledScope(grant.scope, ACTIONS),
    outOfScope: grant.outOfScope,
    catalog,
    names: INITIAL_NAMES,
    prepared: () => undefined,
    redactedText: redact(sql),
    advice: new Advice(terms.messages),
    observes: terms.mode === 'observe',
  });
  const explanation = explanationOf(decision, catalog);
  console.log(options.json ? JSON.stringify(explanation, null, 2) : explanationText(explanation));
  process.exitCode = explanation.decision === 'allow' ? EXIT.ok : EXIT.denied;
}

async function grantOf({ grant, config }: ExplainOptions): Promise<GrantTerms> {
  if (existsSync(grant)) return grantInFile(grant);
  const verified = await withIssuer(configOf(config), ({ store }) => store.get(grant));
  if (verified === null) throw new ExitError(EXIT.failed, `there is no file and no active grant ${grant}`);
  return verified.grant;
}

/** What decides is the scope; who has it and how long may be left out. */
function grantInFile(file: string): GrantTerms {
  try {
    const {
      id: _id,
      issuedAt: _issuedAt,
      expiresAt: _expiresAt,
      ...terms
    } = JSON.parse(readFileSync(file, 'utf8'));
    return parseGrantTerms({ principal: { id: 'anyone' }, database: 'any', ...terms });
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof GrantFormError)
      throw new ExitError(EXIT.usage, `${file} is not a grant: ${error.message}`);
    throw error;
  }
}

interface Asked {
  readonly catalog: Catalog;
  readonly terms: DatabaseTerms;
}

const NO_DATABASE: Asked = {
  catalog: ASSUMED_CATALOG,
  terms: { mode: 'enforce', messages: [], holds: true },
};

async function askDatabase(config: Config, database: string): Promise<Asked> {
  const target = config.databases[database];
  if (target === undefined)
    throw new ExitError(EXIT.usage, `database "${database}" is not in ${config.file}`);
  const catalogs = new Catalogs(new Map([[database, target]]), pino({ level: 'silent' }));
  try {
    return { catalog: await catalogs.load(database), terms: termsOf(config, database) };
  } finally {
    await catalogs.close();
  }
}
