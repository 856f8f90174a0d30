import { Command } from 'commander';
import type { AccessRequest } from '../access/requests/access-request.ts';
import { endOf } from '../access/requests/access-request.ts';
import { NO_POLICY } from '../access/requests/ask.ts';
import { ReviewRefused } from '../access/requests/review-request.ts';
import { type ExtensionAsking, extendAccess } from '../server/extend-access.ts';
import { loadPolicy } from '../server/policy/policy-file.ts';
import { RequestTriage } from '../server/triage/request-triage.ts';
import { parseDuration } from '../server/units.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf, withIssuer } from './issuer.ts';
import {
  addCommonOptions,
  asOption,
  type CommonOptions,
  collect,
  fateOf,
  unknownRequest,
} from './request-options.ts';
import { fields } from './table.ts';

interface ExtendOptions extends CommonOptions {
  readonly as: string;
  readonly team: readonly string[];
  readonly role: readonly string[];
  readonly onCall?: boolean;
  readonly ttl: string;
  readonly reason: string;
  readonly ticket?: string;
}

/** `postern request extend`: exits with 3 if it is denied. */
export function extendCommand(): Command {
  return addCommonOptions(new Command('extend').addOption(asOption()))
    .description('ask for more time for a grant: its token and its sessions live on')
    .argument('<request>', 'its id, or that of the grant')
    .requiredOption('--ttl <duration>', 'how much later the grant is to end')
    .requiredOption('--reason <text>', 'why')
    .option('--ticket <id>', 'where it was asked for')
    .option('--team <team>', 'a team of theirs (repeatable)', collect, [])
    .option('--role <role>', 'a role of theirs (repeatable)', collect, [])
    .option('--on-call', 'they are on call')
    .action(extend);
}

async function extend(id: string, options: ExtendOptions): Promise<void> {
  const asked = await ask({ ...askingOf(options), id }, options);
  const { state } = asked;
  const fate = fateOf(asked, Date.now());
  if (state.kind !== 'approved' && state.kind !== 'pending')
    throw new ExitError(EXIT.denied, `request ${asked.id} is ${fate}`);
  const end = endOf(asked);
  const until = end === null ? null : new Date(end).toISOString();
  if (options.json) return console.log(JSON.stringify({ request: asked.id, state: state.kind, until }));
  console.log(
    fields([
      ['request', `${asked.id}, ${fate}`],
      ['rule', asked.rule ?? 'none'],
      ['notes', asked.notes.join('; ')],
      ['until', until ?? ''],
    ]),
  );
}

async function ask(asking: ExtensionAsking, options: ExtendOptions): Promise<AccessRequest> {
  const config = configOf(options.config);
  const policy = config.policy === null ? NO_POLICY : loadPolicy(config.policy).policy;
  const triage = await RequestTriage.open(config, (message) => console.error(message));
  try {
    return await withIssuer(config, async ({ requests, store }) => {
      const made = await extendAccess({ requests, store, policy, triage }, asking);
      return made ?? unknownRequest(asking.id);
    });
  } catch (fault) {
    throw fault instanceof ReviewRefused
      ? new ExitError(EXIT.denied, `request ${asking.id}: ${fault.message}`)
      : fault;
  } finally {
    await triage.close();
  }
}

function askingOf(options: ExtendOptions): Omit<ExtensionAsking, 'id'> {
  const { as: id, team: teams, role: roles, onCall = false, reason, ticket = null } = options;
  const ttl = parseDuration(options.ttl);
  if (ttl === null) throw new ExitError(EXIT.usage, '--ttl is a duration such as 30s, 15m, 2h or 1d');
  if (reason.trim() === '') throw new ExitError(EXIT.usage, 'what for? give --reason TEXT');
  return { principal: { id, teams, roles }, ttl, reason, ticket, address: null, onCall };
}
