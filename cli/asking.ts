import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { limitsSchema } from '../access/grant.ts';
import type { PrincipalKind } from '../access/policy/policy.ts';
import type { AccessRequest, RequestForm } from '../access/requests/access-request.ts';
import { ask, NO_POLICY } from '../access/requests/ask.ts';
import type { RequestStore } from '../access/requests/request-store.ts';
import { createScramVerifier } from '../access/scram-verifier.ts';
import { newToken } from '../access/token.ts';
import type { Config } from '../server/config.ts';
import { loadPolicy } from '../server/policy/policy-file.ts';
import { type Connection, connectionUrl } from './connection.ts';
import { EXIT, ExitError } from './exit.ts';
import { type TermOptions, termsAsked } from './grant-options.ts';
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
): Promise<{ readonly request: AccessRequest; readonly token: string }> {
  const form = formOf(config, options);
  const policy = config.policy === null ? NO_POLICY : loadPolicy(config.policy).policy;
  const token = newToken();
  const verifier = await createScramVerifier(token);
  const asked = ask(policy, form, { onCall: options.onCall === true, triage: null, now: Date.now() });
  return await withRequests(config, async (requests) => {
    const made = await requests.submit(asked, verifier);
    const waits = options.wait && made.state.kind === 'pending';
    return { request: waits ? await untilDecided(requests, made) : made, token };
  });
}

/** Of an approved one; null: it is not. */
export function connectionOf(
  config: Config,
  { database, state }: AccessRequest,
  token: string,
): Connection | null {
  if (state.kind !== 'approved') return null;
  const { grant: id, at, terms } = state;
  const url = connectionUrl(config, database, id);
  url.password = token;
  const expiresAt = new Date(Date.parse(at) + terms.ttl).toISOString();
  return { id, user: id, password: token, url: url.href, database, expiresAt };
}

function formOf(config: Config, options: AskOptions): RequestForm {
  const { scope, limits, ttl, database, reason, ticket } = termsAsked(options);
  if (!(database in config.databases))
    throw new ExitError(
      EXIT.usage,
      `database "${database}" is not in the configuration, which has: ${Object.keys(config.databases).join(', ')}`,
    );
  if (reason.trim() === '') throw new ExitError(EXIT.usage, 'what for? give --reason TEXT');
  const { as: id, kind, team: teams, role: roles, actsFor } = options;
  return {
    principal: { id, kind, teams, roles, ...(actsFor !== undefined && { actsFor }) },
    terms: { scope, ttl, limits: limitsSchema.parse(limits) },
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
