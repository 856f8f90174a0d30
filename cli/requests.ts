import { Command } from 'commander';
import type { AccessRequest } from '../access/requests/access-request.ts';
import { withdrawn } from '../access/requests/review-request.ts';
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
}

/** `postern requests [ID]`, and `postern requests withdraw ID`. */
export function command(): Command {
  const requests = addCommonOptions(new Command('requests'))
    .description(
      'requests for access of the last 90 days, and statements held in the last one, newest first; or one of them',
    )
    .argument('[request]', 'its id')
    .option('--pending', 'only those that wait for somebody')
    .action((id: string | undefined, options: ListOptions) =>
      id === undefined ? list(options) : show(id, options),
    );
  addReviewOptions(requests.command('withdraw <request>').description('take a request back')).action(
    withdraw,
  );
  return requests;
}

async function list(options: ListOptions): Promise<void> {
  const { asked, held } = await withIssuer(configOf(options.config), async ({ requests, holds }) => {
    const [asked, held] = await Promise.all([requests.list(), holds.list()]);
    return { asked, held };
  });
  const wanted = asked.requests.filter((each) => isWanted(each, options));
  const waiting = held.holds.filter((each) => isWanted(each, options));
  if (options.json) console.log(JSON.stringify([...wanted, ...waiting]));
  else if (wanted.length + waiting.length === 0)
    console.log(options.pending ? 'nothing waits' : 'no requests');
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

const isWanted = (each: { readonly state: { readonly kind: string } }, options: ListOptions): boolean =>
  !options.pending || each.state.kind === 'pending';

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
