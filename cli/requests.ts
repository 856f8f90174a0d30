import { Command, Option } from 'commander';
import type { Held } from '../access/holds/held.ts';
import type { AccessRequest } from '../access/requests/access-request.ts';
import type { RequestFilter } from '../access/requests/request-store.ts';
import { withdrawn } from '../access/requests/review-request.ts';
import { parseDuration } from '../server/units.ts';
import { EXIT, ExitError } from './exit.ts';
import { holdTable, holdText, withHolds } from './holds.ts';
import { configOf, withIssuer } from './issuer.ts';
import {
  addCommonOptions,
  addReviewOptions,
  type CommonOptions,
  changeRequest,
  fateOf,
  type ReviewOptions,
  unknownRequest,
  withRequests,
} from './request-options.ts';
import { requestText, reviewIn } from './request-view.ts';
import { span, table } from './table.ts';

interface ListOptions extends CommonOptions {
  readonly pending?: boolean;
  readonly toReview?: boolean;
  readonly since?: string;
  readonly principal?: string;
  readonly state?: State;
}

type State = AccessRequest['state']['kind'];
const STATES: readonly State[] = ['pending', 'approved', 'denied', 'withdrawn', 'expired'];

/** `postern requests [ID]`, and `postern requests withdraw ID`. */
export function command(): Command {
  const requests = addCommonOptions(new Command('requests'))
    .description(
      'requests for access of the last 90 days, and statements held in the last one, newest first; or one of them',
    )
    .argument('[request]', 'its id')
    .option('--pending', 'only those that wait for somebody')
    .option('--to-review', 'only emergencies that nobody has reviewed yet')
    .option('--since <when>', 'only those of the last 7d, say, or since a time in ISO 8601')
    .option('--principal <principal>', 'only those of somebody')
    .addOption(new Option('--state <state>', 'only those in this state').choices(STATES))
    .action((id: string | undefined, options: ListOptions) =>
      id === undefined ? list(options) : show(id, options),
    );
  requests.enablePositionalOptions(); // else what follows withdraw would be taken for its own
  addReviewOptions(requests.command('withdraw <request>').description('take a request back')).action(
    withdraw,
  );
  return requests;
}

async function list(options: ListOptions): Promise<void> {
  const filter = filterOf(options);
  const { asked, held } = await withIssuer(configOf(options.config), async ({ requests, holds }) => {
    const [asked, held] = await Promise.all([requests.list(filter), holds.list()]);
    return { asked, held };
  });
  const wanted = asked.requests;
  const waiting = held.holds.filter((each) => isWanted(each, filter));
  if (options.json) console.log(JSON.stringify([...wanted, ...waiting]));
  else if (wanted.length + waiting.length === 0)
    console.log(filter.state === 'pending' || options.toReview ? 'nothing waits' : 'no requests');
  else {
    const heading = ['REQUEST', 'PRINCIPAL', 'DATABASE', 'ASKED', 'STATE', 'REASON'];
    const tables = [
      ...(wanted.length > 0 ? [table(heading, wanted.map(row))] : []),
      ...(waiting.length > 0 ? [holdTable(waiting)] : []),
    ];
    console.log(tables.join('\n\n'));
  }
  const tampered = [...asked.tampered, ...held.tampered];
  if (tampered.length > 0) throw new ExitError(EXIT.failed, `not what was signed: ${tampered.join(', ')}`);
}

function filterOf({ pending, toReview, since, principal, state }: ListOptions): RequestFilter {
  const kind = pending ? 'pending' : state;
  return {
    ...(kind !== undefined && { state: kind }),
    ...(toReview !== undefined && { toReview }),
    ...(since !== undefined && { since: instantOf(since) }),
    ...(principal !== undefined && { principal }),
  };
}

function instantOf(text: string): number {
  const ago = parseDuration(text);
  const instant = ago === null ? Date.parse(text) : Date.now() - ago;
  if (Number.isNaN(instant))
    throw new ExitError(
      EXIT.usage,
      '--since is a duration such as 7d, or a time such as 2026-01-31T12:00:00Z',
    );
  return instant;
}

/** Of held statements, as the store does of requests. */
const isWanted = (
  { state, principal, askedAt }: Held,
  { state: kind, toReview, since, principal: who }: RequestFilter,
): boolean =>
  toReview !== true &&
  (kind === undefined || state.kind === kind) &&
  (who === undefined || principal.id === who) &&
  (since === undefined || Date.parse(askedAt) >= since);

const row = (request: AccessRequest): readonly string[] => {
  const { id, principal, database, askedAt, reason } = request;
  const now = Date.now();
  return [id, principal.id, database, `${span(now - Date.parse(askedAt))} ago`, fateOf(request, now), reason];
};

async function show(id: string, options: CommonOptions): Promise<void> {
  const held = await withHolds(configOf(options.config), (holds) => holds.get(id));
  if (held !== null) return console.log(options.json ? JSON.stringify(held) : holdText(held));
  const config = configOf(options.config);
  const { request, review } = await withRequests(config, async (requests) => {
    const found = (await requests.get(id)) ?? unknownRequest(id);
    return { request: found, review: await reviewIn(config, found, requests) };
  });
  console.log(
    options.json ? JSON.stringify({ ...request, review }) : requestText(request, review, Date.now()),
  );
}

async function withdraw(id: string, options: ReviewOptions): Promise<void> {
  const now = Date.now();
  const request = await changeRequest(options, id, (found) => withdrawn(found, options.as, now));
  console.log(options.json ? JSON.stringify(request) : fateOf(request, now));
}
