import { Command, Option } from 'commander';
import type { Account, Membership } from '../access/accounts/account-store.ts';
import { ROLES, type Role } from '../access/accounts/principal.ts';
import type { Principals } from '../access/accounts/principals.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf, operator } from './issuer.ts';
import { generatedPassword, readPassword } from './password-input.ts';
import { withPrincipals } from './principals.ts';
import { collect } from './request-options.ts';
import { fields, table } from './table.ts';

interface CommonOptions {
  readonly config?: string;
  readonly json?: boolean;
}

interface MembershipOptions extends CommonOptions {
  readonly role: readonly Role[];
  readonly team: readonly string[];
  readonly group: readonly string[];
}

interface PasswordOptions extends CommonOptions {
  readonly generate?: boolean;
}

/** `postern account add|list|assign|password|disable|enable`: people who log in to the HTTP API with a password. */
export function command(): Command {
  const account = new Command('account');
  generating(
    belonging(common(account.command('add <name>'), 'make an account; asks for its password')),
  ).action(add);
  common(account.command('list'), 'accounts, by name').action(list);
  belonging(
    common(account.command('assign <name>'), 'what somebody is from now on, instead of before'),
  ).action((name: string, options: MembershipOptions) =>
    change(options, ({ accounts }) => accounts.assign(name, membershipOf(options), operator())),
  );
  generating(
    common(account.command('password <name>'), 'set a password; ends the logins of the account'),
  ).action(password);
  common(
    account.command('disable <name>'),
    'shut somebody out, also if they log in by the identity provider',
  ).action((name: string, options: CommonOptions) =>
    change(options, ({ accounts }) => accounts.disable(name, operator())),
  );
  common(account.command('enable <name>'), 'let somebody in again').action(
    (name: string, options: CommonOptions) =>
      change(options, ({ accounts }) => accounts.enable(name, operator())),
  );
  return account;
}

function common(command: Command, description: string): Command {
  return command
    .description(description)
    .option('--config <file>', 'configuration (default: $POSTERN_CONFIG or ./postern.yaml)')
    .option('--json', 'for programs');
}

function belonging(command: Command): Command {
  const role = new Option('--role <role...>', 'what they may do').choices(ROLES).default([]);
  return command
    .addOption(role)
    .option('--team <team>', 'a team of theirs (repeatable)', collect, [])
    .option('--group <group>', 'a group of reviewers that they are in (repeatable)', collect, []);
}

const generating = (command: Command): Command =>
  command.option('--generate', 'make up a password, and print it once');

const membershipOf = ({ role: roles, team: teams, group: groups }: MembershipOptions): Membership => ({
  roles,
  teams,
  groups,
});

async function add(id: string, options: MembershipOptions & PasswordOptions): Promise<void> {
  if (options.role.length === 0)
    throw new ExitError(EXIT.usage, `what may they do? give --role ${ROLES.join(', --role ')}`);
  await withNewPassword(options, ({ accounts }, password) =>
    accounts.add({ id, password, ...membershipOf(options) }, operator()),
  );
}

async function password(id: string, options: PasswordOptions): Promise<void> {
  await withNewPassword(options, ({ accounts }, chosen) => accounts.setPassword(id, chosen, operator()));
}

async function withNewPassword(
  options: PasswordOptions,
  work: (principals: Principals, password: string) => Promise<Account>,
): Promise<void> {
  const config = configOf(options.config);
  const made = options.generate ? generatedPassword() : null;
  const chosen = made ?? (await readPassword());
  const account = await withPrincipals(config, (principals) => work(principals, chosen));
  print(account, options, made);
}

async function change(
  options: CommonOptions,
  work: (principals: Principals) => Promise<Account>,
): Promise<void> {
  print(await withPrincipals(configOf(options.config), work), options, null);
}

function print(account: Account, { json }: CommonOptions, made: string | null): void {
  if (json) return console.log(JSON.stringify(made === null ? account : { ...account, password: made }));
  const { id, roles, teams, groups, disabled } = account;
  console.log(
    fields([
      ['account', `${id}${disabled ? ', disabled' : ''}`],
      ['roles', roles.join(', ')],
      ['teams', teams.join(', ')],
      ['groups', groups.join(', ')],
      ['password', made === null ? '' : `${made} (shown only now)`],
    ]),
  );
}

async function list(options: CommonOptions): Promise<void> {
  const { accounts, tampered } = await withPrincipals(configOf(options.config), (all) => all.accounts.list());
  if (options.json) console.log(JSON.stringify(accounts));
  else console.log(accounts.length === 0 ? 'no accounts' : asTable(accounts));
  if (tampered.length > 0) throw new ExitError(EXIT.failed, `not what was signed: ${tampered.join(', ')}`);
}

function asTable(accounts: readonly Account[]): string {
  const rows = accounts.map(({ id, roles, teams, groups, disabled }) => [
    ...[id, disabled ? 'disabled' : 'enabled'],
    ...[roles, teams, groups].map((names) => names.join(', ')),
  ]);
  return table(['ACCOUNT', 'STATE', 'ROLES', 'TEAMS', 'GROUPS'], rows);
}
