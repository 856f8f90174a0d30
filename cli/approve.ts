import { Command } from 'commander';
import { holdApproved } from '../access/holds/review-hold.ts';
import { approved } from '../access/requests/review-request.ts';
import { newGrantId } from '../access/token.ts';
import { parseDuration } from '../server/units.ts';
import { EXIT, ExitError } from './exit.ts';
import { addScopeOptions, type ScopeOptions, scopeOfOptions } from './grant-options.ts';
import { decideHold } from './holds.ts';
import {
  addReviewOptions,
  changeRequest,
  fateOf,
  type ReviewOptions,
  reviewerOf,
} from './request-options.ts';

type ApproveOptions = ReviewOptions & ScopeOptions & { readonly ttl?: string; readonly comment: string };

/** `postern approve`: the clock of the grant starts with the last approval that is needed. */
export function command(): Command {
  return addReviewOptions(addScopeOptions(new Command('approve')))
    .description('approve a request, or less than it asks; or a statement that is held, as it is')
    .argument('<request>', 'its id, or that of the held statement')
    .option('--ttl <duration>', 'no longer than this')
    .option('--comment <text>', 'for the trail and the requester', '')
    .action(approve);
}

async function approve(id: string, options: ApproveOptions): Promise<void> {
  const now = Date.now();
  const ttl = options.ttl === undefined ? null : parseDuration(options.ttl);
  if (options.ttl !== undefined && ttl === null)
    throw new ExitError(EXIT.usage, '--ttl is a duration such as 30s, 15m, 2h or 1d');
  const narrowsScope = options.allow.length + options.deny.length > 0;
  const narrows = narrowsScope || ttl !== null;
  const asItIs = await decideHold(options, id, (held) => {
    if (narrows) throw new ExitError(EXIT.usage, 'a held statement is approved as it is, or denied');
    return holdApproved(held, reviewerOf(options), options.comment, now);
  });
  if (asItIs) return;
  const request = await changeRequest(options, id, (found) => {
    const { state } = found;
    const terms = state.kind === 'pending' ? state.terms : found.terms;
    const scope = narrowsScope ? scopeOfOptions(options) : terms.scope;
    const narrowed = narrows ? { scope, ttl: ttl ?? terms.ttl } : null;
    const wish = { comment: options.comment, narrowed, grant: newGrantId() };
    return approved(found, reviewerOf(options), wish, now);
  });
  console.log(options.json ? JSON.stringify(request) : fateOf(request, now));
}
