import { existsSync, readFileSync } from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import { Command } from 'commander';
import { pino } from 'pino';
import { GrantFormError, type GrantTerms, parseGrantTerms } from '../access/grant.ts';
import { ASSUMED_CATALOG } from '../guardrails/assumed-catalog.ts';
import type { Catalog } from '../guardrails/catalog.ts';
import { decide } from '../guardrails/decide.ts';
import { grantLine } from '../guardrails/explain-denial.ts';
import { extract } from '../guardrails/extract.ts';
import { INITIAL_NAMES } from '../guardrails/names.ts';
import { redact } from '../guardrails/redact.ts';
import { CompiledScope } from '../guardrails/scope.ts';
import { ACTIONS, type Verdict } from '../guardrails/types.ts';
import { Catalogs } from '../server/catalogs.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf, withIssuer } from './issuer.ts';
import { table } from './table.ts';

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
  const terms = await grantOf(options);
  const scope = new CompiledScope(terms.scope, ACTIONS);
  const catalog =
    options.config === undefined ? ASSUMED_CATALOG : await catalogOf(options.config, terms.database);
  const { verdict } = decide({
    facts: extract(sql),
    scope,
    outOfScope: terms.outOfScope,
    catalog,
    names: INITIAL_NAMES,
    prepared: () => undefined,
    redactedText: redact(sql),
  });
  const explanation = explanationOf(verdict, catalog);
  console.log(options.json ? JSON.stringify(explanation, null, 2) : asText(explanation));
  process.exitCode = verdict.effect === 'allow' ? EXIT.ok : EXIT.denied;
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

async function catalogOf(configFile: string, database: string): Promise<Catalog> {
  const target = configOf(configFile).databases[database];
  if (target === undefined) throw new ExitError(EXIT.usage, `database "${database}" is not in ${configFile}`);
  const catalogs = new Catalogs(new Map([[database, target]]), pino({ level: 'silent' }));
  try {
    return await catalogs.load(database);
  } finally {
    await catalogs.close();
  }
}

interface Explanation {
  readonly decision: Verdict['effect'];
  readonly statements: readonly string[];
  readonly reasons: Verdict['reasons'];
  readonly error: Verdict['error'];
  /** Options of `postern grant create` that would allow it. */
  readonly wouldAllow: readonly string[];
  /** False: names were taken for what they seem to be, since no database was asked. */
  readonly lookedUp: boolean;
}

function explanationOf({ effect, statements, reasons, error }: Verdict, catalog: Catalog): Explanation {
  const missing = reasons.filter(({ allowed }) => !allowed);
  return {
    decision: effect,
    statements: statements.map(({ tag }) => tag),
    reasons,
    error,
    wouldAllow: missing.map(grantLine),
    lookedUp: catalog.assumed !== true,
  };
}

function asText({ decision, statements, reasons, error, wouldAllow, lookedUp }: Explanation): string {
  const parts = [`${decision.toUpperCase()}  ${statements.join('; ')}`];
  if (reasons.length > 0)
    parts.push(
      table(
        ['ACTION', 'RESOURCE', 'GRANTED', 'WHY'],
        reasons.map(({ action, resource, allowed, why }) => [action, resource, allowed ? 'yes' : 'no', why]),
      ),
    );
  if (error !== null) parts.push(`${error.sqlstate} ${error.message}`);
  if (error !== null && reasons.length === 0 && error.detail !== undefined) parts.push(error.detail);
  if (wouldAllow.length > 0) parts.push(`it would take: ${wouldAllow.join(' ')}`);
  if (!lookedUp)
    parts.push(
      'No database was asked: views, triggers, foreign keys and functions behind these names are not known.',
    );
  return parts.join('\n\n');
}
