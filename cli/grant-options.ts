import { type Command, InvalidArgumentError } from 'commander';
import type { GrantTermsInput } from '../access/grant.ts';
import { parseWish, type ScopeWish, ScopeWishError, scopeOf } from '../access/scope-wishes.ts';
import type { Scope } from '../guardrails/types.ts';
import { parseDuration } from '../server/units.ts';
import { EXIT, ExitError } from './exit.ts';

/** What may be done. */
export interface ScopeOptions {
  readonly allow: readonly ScopeWish[];
  readonly deny: readonly ScopeWish[];
}

/** What is granted, or asked for: on which database, for how long, how much. */
export interface TermOptions extends ScopeOptions {
  readonly db?: string;
  /** ms */
  readonly ttl: number;
  readonly rows?: number;
  readonly rowsPerStatement?: number;
  readonly bytes?: number;
  readonly connections?: number | 'none';
  readonly logins?: number;
  readonly statements?: number;
  readonly from: readonly string[];
  readonly reason: string;
  readonly ticket?: string;
}

/** What `grant create` and `psql` are told of a grant to make. */
export interface GrantOptions extends TermOptions {
  readonly to?: string;
  readonly team: readonly string[];
  readonly approvedBy: readonly string[];
  readonly outOfScope: 'deny' | 'hold';
}

export function addScopeOptions(command: Command): Command {
  return command
    .option(
      '--allow <actions:pattern>',
      'e.g. select,update:public.tickets, or *:app.* (repeatable)',
      collect(wish),
      [],
    )
    .option('--deny <actions:pattern>', 'takes away from what --allow gives (repeatable)', collect(wish), []);
}

export function addTermOptions(command: Command): Command {
  return addScopeOptions(command.option('--db <database>', 'the database, by its name in the configuration'))
    .option('--ttl <duration>', 'how long it lasts: 30s, 15m, 2h, 1d', duration, parseDuration('30m')!)
    .option('--rows <n>', 'rows of results in total', count)
    .option('--rows-per-statement <n>', 'rows of results of one statement', count)
    .option('--bytes <n>', 'bytes of results in total', count)
    .option('--connections <n>', 'connections at a time, or none for no limit (default: 8)', countOrNone)
    .option('--logins <n>', 'logins in total; 1 makes the token single-use', count)
    .option('--statements <n>', 'statements in total', count)
    .option('--from <cidr>', 'a network that clients may come from (repeatable)', collect(String), [])
    .option('--reason <text>', 'why', '')
    .option('--ticket <id>', 'where it was asked for');
}

export function addGrantOptions(command: Command): Command {
  const who = command
    .option('--to <principal>', 'who gets the grant')
    .option('--team <team>', 'a team of theirs (repeatable)', collect(String), []);
  return addTermOptions(who)
    .option('--approved-by <principal>', 'who approved it (repeatable)', collect(String), [])
    .option(
      '--out-of-scope <what>',
      'deny a statement out of scope, or hold it for a reviewer',
      outOfScope,
      'deny',
    );
}

/** Throws ExitError (usage) for what the options lack or contradict. */
export function termsOf(options: GrantOptions): GrantTermsInput {
  const { to, team, outOfScope, approvedBy } = options;
  if (to === undefined) throw new ExitError(EXIT.usage, 'who gets the grant? give --to PRINCIPAL');
  const { ttl: _ttl, ...terms } = termsAsked(options);
  return { ...terms, principal: { id: to, teams: team }, outOfScope, approvedBy };
}

/** Throws ExitError (usage) for what the options lack or contradict. */
export function termsAsked(options: TermOptions) {
  if (options.allow.length === 0) {
    throw new ExitError(
      EXIT.usage,
      "what may be done? give --allow ACTIONS:PATTERN, such as --allow 'select:public.*'",
    );
  }
  return { ...boundsAsked(options), scope: scopeOfOptions(options) };
}

/** The same without the scope. */
export function boundsAsked(options: TermOptions) {
  const { db, ttl, reason, ticket = null, connections, from } = options;
  const { rows = null, rowsPerStatement = null, bytes = null, logins = null, statements = null } = options;
  if (db === undefined) throw new ExitError(EXIT.usage, 'on which database? give --db NAME');
  const limits = {
    ...{ rows, rowsPerStatement, bytes, logins, statements },
    ...(connections !== undefined && { connections: connections === 'none' ? null : connections }),
    from: from.length > 0 ? from : null,
  };
  return { database: db, limits, ttl, reason, ticket };
}

/** Throws ExitError (usage). */
export function scopeOfOptions({ allow, deny }: ScopeOptions): Scope {
  try {
    return scopeOf(allow, deny);
  } catch (fault) {
    throw fault instanceof ScopeWishError ? new ExitError(EXIT.usage, fault.message) : fault;
  }
}

function wish(text: string): ScopeWish {
  try {
    return parseWish(text);
  } catch (fault) {
    throw fault instanceof ScopeWishError ? new InvalidArgumentError(fault.message) : fault;
  }
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('It is a duration such as 30s, 15m, 2h or 1d.');
  return ms;
}

function count(text: string): number {
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text)))
    throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
}

function countOrNone(text: string): number | 'none' {
  return text === 'none' ? text : count(text);
}

function outOfScope(text: string): 'deny' | 'hold' {
  if (text !== 'deny' && text !== 'hold') throw new InvalidArgumentError('It is deny or hold.');
  return text;
}

function collect<T>(parse: (text: string) => T): (text: string, before: readonly T[]) => readonly T[] {
  return (text, before) => [...before, parse(text)];
}
