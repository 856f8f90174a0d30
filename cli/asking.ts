import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { limitsSchema } from '../access/grant.ts';
import type { PrincipalKind } from '../access/policy/policy.ts';
import { type AccessRequest, endOf } from '../access/requests/access-request.ts';
import { ask, NO_POLICY } from '../access/requests/ask.ts';
import type { RequestStore } from '../access/requests/request-store.ts';
import { createScramVerifier } from '../access/scram-verifier.ts';
import { newToken } from '../access/token.ts';
import { ModelError } from '../classifier/model-files.ts';
import type { Config } from '../server/config.ts';
import { loadPolicy } from '../server/policy/policy-file.ts';
import { RequestTriage, type TriagedRequest } from '../server/triage/request-triage.ts';
import { NothingToldError, type RequestWish } from '../server/triage/request-wish.ts';
import { type Connection, connectionUrl } from './connection.ts';
import { EXIT, ExitError } from './exit.ts';
import { boundsAsked, scopeOfOptions, type TermOptions } from './grant-options.ts';
import { asOption, collect, fateOf, unknownRequest, withRequests } from './request-options.ts';

/** What whoever asks says of themselves, and of how it is to go. */
export interface AskOptions extends TermOptions {
  readonly as: string;
  readonly kind: PrincipalKind;
  readonly actsFor?: string;
  readonly team: readonly string[];
  readonly role: readonly string[];
  readonly onCall?: boolean;
  readonly emergency?: boolean;
  readonly wait: boolean;
}

/** Whether somebody has said how long, or the option has its default. */
export const saysTtl = (command: Command): boolean => command.getOptionValueSource('ttl') !== 'default';

/** ms between looks at a request that waits. */
const POLL = 500;

export function addAskOptions(command: Command): Command {
  return command
    .addOption(asOption())
    .addOption(
      new Option('--kind <kind>', 'what asks').choices(['person', 'service', 'agent']).default('person'),
    )
    .option('--acts-for <principal>', 'whom an agent works for')
    .option('--role <role>', 'a role of theirs (repeatable)', collect, [])
    .option('--on-call', 'they are on call')
    .option('--emergency', 'break the glass: by the rules for that, and reviewed afterwards')
    .option('--no-wait', 'do not wait for reviewers');
}

/** Asks, and waits for reviewers if need be and wished. The token is the only one there is. */
export async function askAccess(
  config: Config,
  options: AskOptions,
  { ttlSaid }: { readonly ttlSaid: boolean },
): Promise<{ readonly request: AccessRequest; readonly token: string }> {
  const { form, triage } = await triaged(config, wishOf(config, options, ttlSaid));
  const policy = config.policy === null ? NO_POLICY : loadPolicy(config.policy).policy;
  const token = newToken();
  const verifier = await createScramVerifier(token);
  const asked = ask(policy, form, { onCall: options.onCall === true, triage, now: Date.now() });
  return await withRequests(config, async (requests) => {
    const made = await requests.submit(asked, verifier);
    const waits = options.wait && made.state.kind === 'pending';
    return { request: waits ? await untilDecided(requests, made) : made, token };
  });
}

/** Of an approved one; null: it is not. */
export function connectionOf(config: Config, request: AccessRequest, token: string): Connection | null {
  const { database, state } = request;
  const end = endOf(request);
  if (state.kind !== 'approved' || end === null) return null;
  const { grant: id } = state;
  const url = connectionUrl(config, database, id);
  url.password = token;
  const expiresAt = new Date(end).toISOString();
  return { id, user: id, password: token, url: url.href, database, expiresAt };
}

async function triaged(config: Config, wish: RequestWish): Promise<TriagedRequest> {
  const triage = await RequestTriage.open(config, (message) => console.error(message)).catch(noModel);
  try {
    return await triage.look(wish);
  } catch (fault) {
    throw fault instanceof NothingToldError ? new ExitError(EXIT.usage, fault.message) : fault;
  } finally {
    await triage.close();
  }
}

function noModel(fault: unknown): never {
  throw fault instanceof ModelError ? new ExitError(EXIT.usage, fault.message) : fault;
}

function wishOf(config: Config, options: AskOptions, ttlSaid: boolean): RequestWish {
  const { limits, ttl, database, reason, ticket } = boundsAsked(options);
  if (!Object.hasOwn(config.databases, database))
    throw new ExitError(
      EXIT.usage,
      `database "${database}" is not in the configuration, which has: ${Object.keys(config.databases).join(', ')}`,
    );
  if (reason.trim() === '') throw new ExitError(EXIT.usage, 'what for? give --reason TEXT');
  const { as: id, kind, team: teams, role: roles, actsFor, allow, deny } = options;
  const scope = allow.length + deny.length === 0 ? null : scopeOfOptions(options);
  return {
    principal: { id, kind, teams, roles, ...(actsFor !== undefined && { actsFor }) },
    terms: { scope, ttl: ttlSaid ? ttl : null, limits: limitsSchema.parse(limits) },
    ...{ database, reason, ticket },
    emergency: options.emergency === true,
    address: null,
  };
}

/** Shows on a terminal that it waits, and for what. */
async function untilDecided(requests: RequestStore, made: AccessRequest): Promise<AccessRequest> {
  const { stderr } = process;
  for (let turn = 0; ; turn++) {
    const now = (await requests.getFulfilled(made.id)) ?? unknownRequest(made.id);
    if (stderr.isTTY)
      stderr.write(`\r\x1b[K${'|/-\\'[turn % 4]} request ${made.id} is ${fateOf(now, Date.now())}`);
    else if (turn === 0) stderr.write(`request ${made.id} is ${fateOf(now, Date.now())}\n`);
    if (now.state.kind !== 'pending') {
      if (stderr.isTTY) stderr.write('\r\x1b[K');
      return now;
    }
    await sleep(POLL);
  }
}
