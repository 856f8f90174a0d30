import { Command } from 'commander';
import type { AccessRequest } from '../access/requests/access-request.ts';
import { withdrawn } from '../access/requests/review-request.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf } from './issuer.ts';
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
import { fields, span, table } from './table.ts';

interface ListOptions extends CommonOptions {
  readonly pending?: boolean;
}

/** `postern requests [ID]`, and `postern requests withdraw ID`. */
export function command(): Command {
  const requests = addCommonOptions(new Command('requests'))
    .description('requests for access of the last 90 days, newest first; or one of them')
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
  const { requests, tampered } = await withRequests(configOf(options.config), (store) => store.list());
  const wanted = requests.filter(({ state }) => !options.pending || state.kind === 'pending');
  if (options.json) console.log(JSON.stringify(wanted));
  else if (wanted.length === 0) console.log(options.pending ? 'nothing waits' : 'no requests');
  else console.log(table(['REQUEST', 'PRINCIPAL', 'DATABASE', 'ASKED', 'STATE', 'REASON'], wanted.map(row)));
  if (tampered.length > 0) throw new ExitError(EXIT.failed, `not what was signed: ${tampered.join(', ')}`);
}

const row = (request: AccessRequest): readonly string[] => {
  const { id, principal, database, askedAt, reason } = request;
  const now = Date.now();
  return [id, principal.id, database, `${span(now - Date.parse(askedAt))} ago`, fateOf(request, now), reason];
};

async function show(id: string, options: CommonOptions): Promise<void> {
  const request =
    (await withRequests(configOf(options.config), (store) => store.get(id))) ?? unknownRequest(id);
  if (options.json) return console.log(JSON.stringify(request));
  const { principal, database, terms, reason, ticket, rule, revision, notes, state } = request;
  const granted = 'terms' in state ? state.terms : null;
  console.log(
    fields([
      ['request', id],
      [
        'principal',
        [principal.id, principal.kind, ...principal.teams.map((team) => `team ${team}`)].join(', '),
      ],
      ['acts for', principal.actsFor ?? ''],
      ['database', database],
      ['asked', `${scopeText(terms.scope)}, for ${span(terms.ttl)}`],
      ['to grant', granted === null ? '' : `${scopeText(granted.scope)}, for ${span(granted.ttl)}`],
      ['reason', reason],
      ['ticket', ticket ?? ''],
      ['emergency', request.emergency ? 'yes' : ''],
      ['rule', `${rule ?? 'none'} (policy ${revision})`],
      ['notes', notes.join('; ')],
      ['state', fateOf(request, Date.now())],
    ]),
  );
}

const scopeText = (scope: AccessRequest['terms']['scope']): string =>
  scope.map(({ actions, on }) => `${actions.join(',')} ${on.join(' ')}`).join('; ');

async function withdraw(id: string, options: ReviewOptions): Promise<void> {
  const now = Date.now();
  const request = await changeRequest(options, id, (found) => withdrawn(found, options.as, now));
  console.log(options.json ? JSON.stringify(request) : fateOf(request, now));
}
