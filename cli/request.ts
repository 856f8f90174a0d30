import { setTimeout as sleep } from 'node:timers/promises';
import { Command, Option } from 'commander';
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
import { addTermOptions, type TermOptions, termsAsked } from './grant-options.ts';
import { configOf } from './issuer.ts';
import {
  addCommonOptions,
  asOption,
  type CommonOptions,
  collect,
  fateOf,
  unknownRequest,
  withRequests,
} from './request-options.ts';
import { fields, span } from './table.ts';

type RequestOptions = CommonOptions &
  TermOptions & {
    readonly as: string;
    readonly kind: PrincipalKind;
    readonly actsFor?: string;
    readonly team: readonly string[];
    readonly role: readonly string[];
    readonly onCall?: boolean;
    readonly emergency?: boolean;
    readonly wait: boolean;
  };

/** ms between looks at a request that waits. */
const POLL = 500;

/** `postern request`: exits with 3 if it is denied. */
export function command(): Command {
  return addCommonOptions(addTermOptions(new Command('request')))
    .description('ask for access: granted at once if the policy says so, else after review')
    .addOption(asOption())
    .addOption(
      new Option('--kind <kind>', 'what asks').choices(['person', 'service', 'agent']).default('person'),
    )
    .option('--acts-for <principal>', 'whom an agent works for')
    .option('--team <team>', 'a team of theirs (repeatable)', collect, [])
    .option('--role <role>', 'a role of theirs (repeatable)', collect, [])
    .option('--on-call', 'they are on call')
    .option('--emergency', 'break the glass: by the rules for that, and reviewed afterwards')
    .option('--no-wait', 'do not wait for reviewers')
    .action(request);
}

async function request(options: RequestOptions): Promise<void> {
  const config = configOf(options.config);
  const form = formOf(config, options);
  const policy = config.policy === null ? NO_POLICY : loadPolicy(config.policy).policy;
  const token = newToken();
  const verifier = await createScramVerifier(token);
  const asked = ask(policy, form, { onCall: options.onCall === true, triage: null, now: Date.now() });
  await withRequests(config, async (requests) => {
    const made = await requests.submit(asked, verifier);
    const decided = options.wait && made.state.kind === 'pending' ? await untilDecided(requests, made) : made;
    tell(config, decided, token, options);
  });
}

function formOf(config: Config, options: RequestOptions): RequestForm {
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
    const now = (await requests.get(made.id)) ?? unknownRequest(made.id);
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

function tell(config: Config, asked: AccessRequest, token: string, { json }: CommonOptions): void {
  const { id, state, notes, rule } = asked;
  if (state.kind === 'approved') {
    const connection = connectionOf(config, asked, state, token);
    if (json) return console.log(JSON.stringify({ request: id, ...connection }));
    return console.log(
      fields([
        ['request', `${id}, ${fateOf(asked, Date.now())}`],
        ['rule', rule ?? ''],
        ['notes', notes.join('; ')],
        ['until', `${connection.expiresAt} (${span(state.terms.ttl)})`],
        ['token', `${token} (shown only now)`],
        ['connect', `psql '${connection.url}'`],
      ]),
    );
  }
  if (state.kind === 'pending') {
    const grant = { request: id, state: state.kind, password: token };
    return console.log(
      json
        ? JSON.stringify(grant)
        : fields([
            ['request', `${id}, ${fateOf(asked, Date.now())}`],
            ['token', `${token} (shown only now; it works once the request is approved)`],
          ]),
    );
  }
  throw new ExitError(EXIT.denied, `request ${id} is ${fateOf(asked, Date.now())}`);
}

function connectionOf(
  config: Config,
  { database }: AccessRequest,
  { grant, at, terms }: Extract<AccessRequest['state'], { kind: 'approved' }>,
  token: string,
): Connection {
  const url = connectionUrl(config, database, grant);
  url.password = token;
  const expiresAt = new Date(Date.parse(at) + terms.ttl).toISOString();
  return { id: grant, user: grant, password: token, url: url.href, database, expiresAt };
}
