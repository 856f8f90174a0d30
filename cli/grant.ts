import { Command } from 'commander';
import type { Issuer } from '../access/access.ts';
import { type Grant, parseGrantTerms } from '../access/grant.ts';
import { NotHolderError } from '../access/grant-store.ts';
import type { Config } from '../server/config.ts';
import { type Connection, connectionOf } from './connection.ts';
import { EXIT, ExitError } from './exit.ts';
import { addGrantOptions, type GrantOptions, termsOf } from './grant-options.ts';
import { configOf, operator, withIssuer } from './issuer.ts';
import { asOption } from './request-options.ts';
import { fields, span, table } from './table.ts';

interface CommonOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** `postern grant create|list|show|revoke|return`. */
export function command(): Command {
  const grant = new Command('grant');
  common(addGrantOptions(grant.command('create')), 'make a grant and print its token, once').action(create);
  common(grant.command('list'), 'active grants, by expiry').action(list);
  common(grant.command('show <id>'), 'one grant: its scope, limits, usage and sessions').action(show);
  common(grant.command('revoke <id>'), 'end a grant and its sessions now').action(revoke);
  common(grant.command('return <id>'), 'give a grant of your own back: it ends, and its sessions')
    .addOption(asOption())
    .action(giveBack);
  return grant;
}

function common(command: Command, description: string): Command {
  return command
    .description(description)
    .option('--config <file>', 'configuration (default: $POSTERN_CONFIG or ./postern.yaml)')
    .option('--json', 'for programs');
}

async function create(options: GrantOptions & CommonOptions): Promise<void> {
  const terms = termsOf(options);
  const connection = await createConnection(configOf(options.config), terms, options.ttl);
  if (options.json) return print(connection);
  console.log(
    fields([
      ['grant', `${connection.id}, for ${span(options.ttl)} (until ${connection.expiresAt})`],
      ['token', `${connection.password} (shown only now)`],
      ['connect', `psql '${connection.url}'`],
    ]),
  );
}

/** Makes a grant on a database that the configuration knows. `form` is checked here. */
export async function createConnection(config: Config, form: unknown, ttl: number): Promise<Connection> {
  return await withIssuer(config, async ({ store }) => {
    const terms = parseGrantTerms(form);
    if (!(terms.database in config.databases)) {
      const known = Object.keys(config.databases).join(', ');
      throw new ExitError(
        EXIT.usage,
        `database "${terms.database}" is not in the configuration, which has: ${known}`,
      );
    }
    return connectionOf(config, await store.create(terms, ttl, operator()));
  });
}

async function list(options: CommonOptions): Promise<void> {
  const { grants, tampered } = await withIssuer(configOf(options.config), ({ store }) => store.list());
  if (options.json) print(grants);
  else if (grants.length === 0) console.log('no active grants');
  else
    console.log(
      table(['GRANT', 'PRINCIPAL', 'DATABASE', 'EXPIRES IN', 'SCOPE', 'REASON'], grants.map(listRow)),
    );
  if (tampered.length > 0) {
    throw new ExitError(EXIT.failed, `not what was signed, and refused at login: ${tampered.join(', ')}`);
  }
}

function listRow({ id, principal, database, expiresAt, scope, reason }: Grant): readonly string[] {
  return [id, principal.id, database, span(Date.parse(expiresAt) - Date.now()), scopeText(scope), reason];
}

async function show(id: string, options: CommonOptions): Promise<void> {
  const found = await withIssuer(configOf(options.config), async (issuer) => {
    const grant = await activeGrant(issuer, id);
    const [usage, sessions] = await Promise.all([issuer.store.usage(id), issuer.registry.list(id)]);
    return { ...grant, usage, sessions };
  });
  if (options.json) return print(found);
  const { principal, database, scope, limits, usage, sessions } = found;
  const of = (used: number, limit: number | null): string =>
    limit === null ? `${used}` : `${used} of ${limit}`;
  console.log(
    fields([
      ['grant', found.id],
      ['principal', [principal.id, ...principal.teams.map((team) => `team ${team}`)].join(', ')],
      ['database', database],
      ['scope', scopeText(scope)],
      ['out of scope', found.outOfScope],
      ['issued', found.issuedAt],
      ['expires', `${found.expiresAt} (in ${span(Date.parse(found.expiresAt) - Date.now())})`],
      ['reason', [found.reason, found.ticket].filter(Boolean).join(', ')],
      ['approved by', found.approvedBy.join(', ')],
      ['from', limits.from?.join(', ') ?? 'anywhere'],
      ['connections', of(sessions.length, limits.connections)],
      ['logins', of(usage.logins, limits.logins)],
      ['statements', limits.statements === null ? 'no limit' : of(usage.statements, limits.statements)],
      ['rows', limits.rows === null ? 'no limit' : of(usage.rows, limits.rows)],
      ['bytes', limits.bytes === null ? 'no limit' : of(usage.bytes, limits.bytes)],
      ['per statement', limits.rowsPerStatement === null ? 'no limit' : `${limits.rowsPerStatement} rows`],
      ['sessions', sessions.map(({ session, client }) => `${session} (${client})`).join(', ')],
    ]),
  );
}

async function activeGrant({ store }: Issuer, id: string): Promise<Grant> {
  const active = await store.get(id);
  if (active) return active.grant;
  const past = await store.getPast(id);
  const fate = past && (past.expiresAt <= Date.now() ? `expired at ${past.grant.expiresAt}` : 'was revoked');
  throw new ExitError(EXIT.failed, fate ? `grant ${id} ${fate}` : `there is no active grant ${id}`);
}

async function revoke(id: string, options: CommonOptions): Promise<void> {
  await withIssuer(configOf(options.config), async (issuer) => {
    if (!(await issuer.store.revoke(id, operator()))) await activeGrant(issuer, id); // says why there is none
  });
  if (options.json) return print({ id, revoked: true });
  console.log(`grant ${id} is revoked and its sessions are ended`);
}

async function giveBack(id: string, options: CommonOptions & { readonly as: string }): Promise<void> {
  await withIssuer(configOf(options.config), async (issuer) => {
    const given = await issuer.store.giveBack(id, options.as).catch((fault: unknown) => {
      throw fault instanceof NotHolderError ? new ExitError(EXIT.denied, fault.message) : fault;
    });
    if (!given) await activeGrant(issuer, id); // says why there is none
  });
  if (options.json) return print({ id, returned: true });
  console.log(`grant ${id} is given back and its sessions are ended`);
}

/** `select public.* !public.payments; update public.tickets` */
function scopeText(scope: Grant['scope']): string {
  return scope.map(({ actions, on }) => `${actions.join(',')} ${on.join(' ')}`).join('; ');
}

function print(value: unknown): void {
  console.log(JSON.stringify(value));
}
