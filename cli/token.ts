import { Command, Option } from 'commander';
import type { ApiToken } from '../access/accounts/api-token-store.ts';
import { ROLES, type Role } from '../access/accounts/principal.ts';
import { parseDuration } from '../server/units.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf, operator } from './issuer.ts';
import { withPrincipals } from './principals.ts';
import { collect } from './request-options.ts';
import { fields, span, table } from './table.ts';

interface CommonOptions {
  readonly config?: string;
  readonly json?: boolean;
}

interface CreateOptions extends CommonOptions {
  readonly for: string;
  readonly kind: 'service' | 'agent';
  readonly actsFor?: string;
  readonly role: readonly Role[];
  readonly team: readonly string[];
  readonly group: readonly string[];
  readonly db: readonly string[];
  readonly ttl: string;
}

/** `postern token create|list|revoke`: what services and agents use the HTTP API with. */
export function command(): Command {
  const token = new Command('token');
  common(token.command('create'), 'make a token and print it, once')
    .requiredOption('--for <principal>', 'the name of the service or agent')
    .addOption(new Option('--kind <kind>', 'what it is').choices(['service', 'agent']).default('service'))
    .option('--acts-for <principal>', 'whom an agent works for')
    .addOption(new Option('--role <role...>', 'what it may do').choices(ROLES).default(['requester']))
    .option('--team <team>', 'a team of its (repeatable)', collect, [])
    .option('--group <group>', 'a group of reviewers that it is in (repeatable)', collect, [])
    .option('--db <database>', 'a database that it may deal with (repeatable; default: all)', collect, [])
    .option('--ttl <duration>', 'how long it lasts: 12h, 30d', '30d')
    .action(create);
  common(token.command('list'), 'tokens that have not expired').action(list);
  common(token.command('revoke <id>'), 'end a token now').action(revoke);
  return token;
}

function common(command: Command, description: string): Command {
  return command
    .description(description)
    .option('--config <file>', 'configuration (default: $POSTERN_CONFIG or ./postern.yaml)')
    .option('--json', 'for programs');
}

async function create(options: CreateOptions): Promise<void> {
  const config = configOf(options.config);
  const ttl = parseDuration(options.ttl);
  if (ttl === null) throw new ExitError(EXIT.usage, '--ttl is a duration such as 12h or 30d');
  const unknown = options.db.filter((name) => !Object.hasOwn(config.databases, name));
  if (unknown.length > 0)
    throw new ExitError(EXIT.usage, `not in the configuration: database ${unknown.join(', ')}`);
  const { for: principal, kind, actsFor = null, role: roles, team: teams, group: groups, db } = options;
  const databases = db.length > 0 ? db : null;
  const made = await withPrincipals(config, async ({ accounts, tokens }) => {
    if ((await accounts.get(principal)) !== null)
      throw new ExitError(EXIT.usage, `${principal} is the name of a person's account`);
    return tokens.create({ principal, kind, actsFor, roles, teams, groups, databases }, ttl, operator());
  });
  if (options.json) return console.log(JSON.stringify(made));
  const { token, secret } = made;
  console.log(
    fields([
      ['token', `${secret} (shown only now)`],
      ['id', token.id],
      ['for', whose(token)],
      ['roles', roles.join(', ')],
      ['databases', db.join(', ')],
      ['until', token.expiresAt],
    ]),
  );
}

async function list(options: CommonOptions): Promise<void> {
  const { tokens, tampered } = await withPrincipals(configOf(options.config), (all) => all.tokens.list());
  if (options.json) console.log(JSON.stringify(tokens));
  else console.log(tokens.length === 0 ? 'no tokens' : asTable(tokens));
  if (tampered.length > 0) throw new ExitError(EXIT.failed, `not what was signed: ${tampered.join(', ')}`);
}

function asTable(tokens: readonly ApiToken[]): string {
  const rows = tokens.map((token) => [
    ...[token.id, whose(token), token.roles.join(', '), token.databases?.join(', ') ?? 'all'],
    token.revokedAt === null ? `in ${span(Date.parse(token.expiresAt) - Date.now())}` : 'revoked',
    token.createdBy,
  ]);
  return table(['TOKEN', 'FOR', 'ROLES', 'DATABASES', 'ENDS', 'MADE BY'], rows);
}

async function revoke(id: string, options: CommonOptions): Promise<void> {
  const revoked = await withPrincipals(configOf(options.config), ({ tokens }) =>
    tokens.revoke(id, operator()),
  );
  if (!revoked) throw new ExitError(EXIT.failed, `there is no token ${id} that is in force`);
  console.log(options.json ? JSON.stringify({ id, revoked: true }) : `token ${id} is revoked`);
}

const whose = ({ principal, kind, actsFor }: ApiToken): string =>
  actsFor === null ? `${kind} ${principal}` : `${kind} ${principal}, for ${actsFor}`;
